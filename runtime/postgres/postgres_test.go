package postgres_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
)

// vault is a secret source whose value changes.
type vault struct {
	mu    sync.Mutex
	text  string
	reads int
}

func (v *vault) read(context.Context) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.reads++
	return v.text, nil
}

func (v *vault) put(password string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	text, _ := json.Marshal(map[string]string{"username": pgtest.User, "password": password})
	v.text = string(text)
}

func open(t *testing.T, s *pgtest.Server, v *vault, minAge time.Duration) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), postgres.Options{
		Host: s.Host, Port: s.Port, Name: pgtest.Database, AppName: "test", MaxConns: 2,
		Login: secrets.New(v.read, secrets.DecodeLogin, minAge),
	})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db
}

func ping(db *postgres.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return db.Ping(ctx)
}

func TestARotatedPasswordNeedsNoRestart(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(s.Password)
	db := open(t, s, v, 0)
	require.NoError(t, ping(db))
	require.Equal(t, 1, v.reads)

	s.SetPassword("the-second-password")
	v.put("the-second-password")
	require.NoError(t, ping(db), "connections made before the rotation live on")
	require.Equal(t, 1, v.reads)

	s.Stop() // every connection is gone, as after a failover
	require.Error(t, ping(db))
	s.Start()
	require.NoError(t, ping(db), "the old password is refused, the new one is read and works at the first try")
	require.Equal(t, 2, v.reads)
}

func TestAWrongPasswordDoesNotHammerTheSecret(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put("wrong-hunter2")
	db := open(t, s, v, time.Hour)
	for range 5 {
		err := ping(db)
		require.ErrorContains(t, err, "28P01")
		require.NotContains(t, err.Error(), "hunter2")
	}
	require.Equal(t, 1, v.reads)
}

func TestAStoppedServerIsNoticedAndFoundAgain(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(s.Password)
	db := open(t, s, v, 0)
	require.NoError(t, ping(db))
	s.Stop()
	require.Error(t, ping(db))
	s.Start()
	require.NoError(t, ping(db))
}

func TestTLSIsNotTriedInTheClear(t *testing.T) {
	s := pgtest.Start(t) // has no TLS
	v := &vault{}
	v.put(s.Password)
	db, err := postgres.Open(context.Background(), postgres.Options{
		Host: s.Host, Port: s.Port, Name: pgtest.Database, VerifyFull: true, CABundle: "/does/not/exist",
		Login: secrets.New(v.read, secrets.DecodeLogin, 0),
	})
	require.NoError(t, err)
	defer db.Close()
	require.ErrorContains(t, ping(db), "TLS")
}

func TestVerifyFullTrustsTheBundleAndInsistsOnTheName(t *testing.T) {
	s := pgtest.Start(t)
	v := &vault{}
	v.put(s.Password)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(bundle, s.UseTLS("localhost"), 0o600))
	try := func(host, bundle string) error {
		db, err := postgres.Open(context.Background(), postgres.Options{
			Host: host, Port: s.Port, Name: pgtest.Database, VerifyFull: true, CABundle: bundle, Login: secrets.New(v.read, secrets.DecodeLogin, 0),
		})
		require.NoError(t, err)
		defer db.Close()
		return ping(db)
	}
	require.NoError(t, try("localhost", bundle))
	require.ErrorContains(t, try("localhost", ""), "unknown authority")
	require.ErrorContains(t, try("127.0.0.1", bundle), "certificate", "another name")

	require.NoError(t, os.WriteFile(bundle, []byte("nonsense"), 0o600))
	_, err := postgres.Open(context.Background(), postgres.Options{Host: "localhost", Port: s.Port, VerifyFull: true, CABundle: bundle})
	require.ErrorContains(t, err, "holds no certificate")
}

func TestAStandbyIsNotTheDatabase(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(s.Password)
	db := open(t, s, v, 0)
	require.NoError(t, ping(db))
	s.Demote()
	require.Error(t, ping(db), "old connections are dead")
	require.ErrorIs(t, ping(db), postgres.ErrReadOnly)
	s.Promote()
	require.NoError(t, ping(db))
}
