package database_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database"
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

func (v *vault) put(username, password string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	text, _ := json.Marshal(secrets.Login{Username: username, Password: password})
	v.text = string(text)
}

func (v *vault) secret() *secrets.Secret[secrets.Login] {
	return secrets.New(v.read, secrets.DecodeLogin, 0)
}

func openPostgres(t *testing.T, s *pgtest.Server, v *vault) *database.DB {
	t.Helper()
	return open(t, database.Options{
		Database: contract.Database{Engine: contract.EnginePostgres, Host: s.Host, Port: s.Port, Name: pgtest.Database, TLSMode: contract.TLSDisable},
		AppName:  "test", Login: v.secret(),
	})
}

func open(t *testing.T, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func ping(db *database.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return db.Ping(ctx)
}

func TestPostgresARotatedPasswordNeedsNoRestart(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(pgtest.User, s.Password)
	told := 0
	db := open(t, database.Options{
		Database: contract.Database{Engine: contract.EnginePostgres, Host: s.Host, Port: s.Port, Name: pgtest.Database, TLSMode: contract.TLSDisable},
		Login:    v.secret(), OnRefused: func() { told++ },
	})
	require.NoError(t, ping(db))
	require.Zero(t, told)
	s.SetPassword("rotated")
	require.NoError(t, ping(db), "connections that there are stay")
	db.Drop()
	err := ping(db)
	require.True(t, database.IsLoginRefused(err), "%v", err)
	require.False(t, database.IsReadOnly(err))
	require.NotContains(t, err.Error(), "rotated")
	v.put(pgtest.User, "rotated")
	require.NoError(t, ping(db))
	require.Equal(t, 3, v.reads, "at first, when refused, and with success")
	require.Equal(t, 2, told, "also when reading again helped: the workload has the old one")
}

func TestPostgresAStandbyIsNotTheDatabase(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(pgtest.User, s.Password)
	db := openPostgres(t, s, v)
	require.NoError(t, ping(db))
	s.Stop()
	require.Error(t, ping(db))
	s.Start()
	require.NoError(t, ping(db), "broken connections are not used again")
	s.Demote()
	require.ErrorIs(t, ping(db), database.ErrReadOnly)
	s.Promote()
	require.Eventually(t, func() bool { return ping(db) == nil }, 10*time.Second, 50*time.Millisecond)
}

func TestPostgresAServerThatStopsTakingWritesIsLeft(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(pgtest.User, s.Password)
	db := openPostgres(t, s, v)
	require.NoError(t, ping(db))
	_, err := db.Exec("SET default_transaction_read_only = on") // as on this connection only
	require.NoError(t, err)
	_, err = db.Exec("CREATE TABLE t (a int)")
	require.True(t, database.IsReadOnly(db.Failed(err)), "%v", err)
	_, err = db.Exec("CREATE TABLE t (a int)")
	require.NoError(t, err, "a new connection")

	_, err = db.Exec("SET default_transaction_read_only = on")
	require.NoError(t, err)
	require.ErrorIs(t, ping(db), database.ErrReadOnly)
	require.NoError(t, ping(db), "a new connection")
	_, err = db.Exec("SELECT * FROM nothing.nothing")
	require.True(t, database.IsMissing(err))
}

func TestPostgresCertificatesAreChecked(t *testing.T) {
	s, v := pgtest.Start(t), &vault{}
	v.put(pgtest.User, s.Password)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(bundle, s.UseTLS("localhost"), 0o600))
	encrypted := func(host, bundle string) *database.DB {
		return open(t, database.Options{
			Database: contract.Database{Engine: contract.EnginePostgres, Host: host, Port: s.Port, Name: pgtest.Database, TLSMode: contract.TLSVerifyFull},
			CABundle: bundle, AppName: "test", Login: v.secret(),
		})
	}
	db := encrypted("localhost", bundle)
	require.NoError(t, ping(db))
	var used bool
	require.NoError(t, db.QueryRow("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&used))
	require.True(t, used)
	require.ErrorContains(t, ping(encrypted("localhost", "")), "certificate", "an unknown authority")
	require.ErrorContains(t, ping(encrypted("localhost", filepath.Join(t.TempDir(), "absent"))), "certificate")
	require.ErrorContains(t, ping(encrypted("127.0.0.1", bundle)), "certificate", "another name")
}

func TestWhatCannotBeOpened(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, []byte("nothing"), 0o600))
	for want, o := range map[string]database.Options{
		`port "x"`:             {Database: contract.Database{Engine: contract.EngineMySQL, Port: "x"}},
		`engine "oracle"`:      {Database: contract.Database{Engine: "oracle", Port: "1"}},
		"holds no certificate": {Database: contract.Database{Engine: contract.EngineMySQL, Port: "1", TLSMode: contract.TLSVerifyFull}, CABundle: empty},
	} {
		_, err := database.Open(o)
		require.ErrorContains(t, err, want)
	}
}

func TestNobodyThere(t *testing.T) {
	for _, engine := range []string{contract.EnginePostgres, contract.EngineMariaDB} {
		db := open(t, database.Options{Database: contract.Database{Engine: engine, Host: "127.0.0.1", Port: "1", Name: "x", TLSMode: contract.TLSDisable}})
		err := ping(db)
		require.ErrorContains(t, err, "connect")
		require.False(t, database.IsLoginRefused(err) || database.IsReadOnly(err) || database.IsMissing(err))
	}
}
