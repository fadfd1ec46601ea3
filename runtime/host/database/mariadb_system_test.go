//go:build system

package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/database/mariadbtest"
)

func TestMariaDB(t *testing.T) {
	s, v := mariadbtest.Start(t), &vault{}
	v.put(mariadbtest.User, mariadbtest.Password)
	db := open(t, s.Options(v.secret()))
	require.NoError(t, ping(db))
	var name, cipher string
	require.NoError(t, db.QueryRow("SHOW STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher))
	require.NotEmpty(t, cipher)

	t.Run("certificates are checked", func(t *testing.T) {
		o := s.Options(v.secret())
		o.CABundle = ""
		require.ErrorContains(t, ping(open(t, o)), "certificate", "an unknown authority")
		o = s.Options(v.secret())
		o.Database.Host = "127.0.0.1"
		require.ErrorContains(t, ping(open(t, o)), "certificate", "another name")
	})
	t.Run("a rotated password needs no restart", func(t *testing.T) {
		s.Exec("ALTER USER app@'%' IDENTIFIED BY 'rotated'")
		require.NoError(t, ping(db), "connections that there are stay")
		db.Drop()
		err := ping(db)
		require.True(t, database.IsLoginRefused(err), "%v", err)
		require.NotContains(t, err.Error(), "rotated")
		v.put(mariadbtest.User, "rotated")
		require.NoError(t, ping(db))
	})
	t.Run("a server that takes no writes is left", func(t *testing.T) {
		s.Exec("SET GLOBAL read_only = 1")
		require.ErrorIs(t, ping(db), database.ErrReadOnly, "a connection that there was")
		require.ErrorIs(t, ping(db), database.ErrReadOnly, "and a new one")
		_, err := db.Exec("CREATE TABLE t (a int)")
		require.True(t, database.IsReadOnly(err), "%v", err)
		s.Exec("SET GLOBAL read_only = 0")
		require.NoError(t, ping(db))
		_, err = db.Exec("SELECT * FROM nothing")
		require.True(t, database.IsMissing(err), "%v", err)
	})
	t.Run("a crash", func(t *testing.T) {
		s.Stop()
		require.Error(t, ping(db))
		s.Start()
		require.Eventually(t, func() bool { return ping(db) == nil }, 10*time.Second, 50*time.Millisecond)
	})
}
