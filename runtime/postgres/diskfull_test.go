package postgres_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// The database lies on a file system of 48 MiB; the rest of the cluster does not.
func TestAFullDiskIsUnavailableAndHealthSaysSo(t *testing.T) {
	server := pgtest.Start(t)
	dir, err := os.MkdirTemp("", "lectern-small-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("no small file system can be made here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, syscall.Unmount(dir, 0))
	})
	owner, err := os.Stat(ask[string](t, server, "SHOW data_directory"))
	require.NoError(t, err)
	space := filepath.Join(dir, "space")
	require.NoError(t, os.Mkdir(space, 0o700))
	sys := owner.Sys().(*syscall.Stat_t)
	require.NoError(t, os.Chown(space, int(sys.Uid), int(sys.Gid)))
	require.NoError(t, os.Chmod(dir, 0o755))
	server.Exec(fmt.Sprintf("CREATE TABLESPACE small LOCATION '%s'", space))
	server.Exec("CREATE DATABASE small TABLESPACE small")
	s := newStoreOn(t, server, func(o *postgres.Options) { o.Name = "small" })

	conn, err := s.Acquire(s.ctx)
	require.NoError(t, err)
	_, err = conn.Exec(s.ctx, "CREATE TABLE ballast AS SELECT repeat('x', 1000) FROM generate_series(1, 8000)")
	conn.Release()
	require.NoError(t, err)
	l := s.learner()
	x := l.opened()
	require.NoError(t, s.Ping(s.ctx))
	var sequence int64
	for err = nil; err == nil; {
		sequence++
		c := l.says(x, sequence, incomplete, .5)
		c.CMI["cmi.suspend_data"] = incompressible(500_000)
		_, err = l.Commit(l.ctx, c)
		require.Less(t, sequence, int64(200))
	}
	require.Equal(t, fault.Unavailable, fault.CodeOf(err), "%v", err)
	require.ErrorIs(t, s.Ping(s.ctx), postgres.ErrDiskFull)
	require.Len(t, l.activities(), 1, "it reads on")

	conn, err = s.Acquire(s.ctx)
	require.NoError(t, err)
	_, err = conn.Exec(s.ctx, "DROP TABLE ballast")
	conn.Release()
	require.NoError(t, err)
	require.Eventually(t, func() bool { return s.Ping(s.ctx) == nil }, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, attempt.Applied, l.commit(l.says(x, sequence+1, incomplete, .5)))
}
