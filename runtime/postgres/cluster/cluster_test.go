package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres/cluster"
)

func folder(t *testing.T) string {
	if _, err := cluster.FindBin(); errors.Is(err, cluster.ErrNoPrograms) && os.Getenv("CI") != "true" {
		fmt.Fprintln(os.Stderr, err)
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "lectern-cluster-") // not t.TempDir, which another user may not enter
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func TestTheDataIsThereAfterAStopAndAfterACrash(t *testing.T) {
	ctx, o := t.Context(), cluster.Options{Dir: folder(t)}
	c, err := cluster.Start(ctx, o)
	require.NoError(t, err)
	require.NoError(t, c.Exec(ctx, "CREATE TABLE kept AS SELECT 1"))
	require.NoError(t, c.Stop(ctx))
	require.NoError(t, c.Stop(ctx), "stopping twice is fine")

	again, err := cluster.Start(ctx, o)
	require.NoError(t, err)
	require.Equal(t, c.Password, again.Password)
	require.NoError(t, again.Exec(ctx, "INSERT INTO kept VALUES (2)"))
	again.Kill()

	last, err := cluster.Start(ctx, o)
	require.NoError(t, err)
	defer last.Kill()
	require.NoError(t, last.Exec(ctx, "DO $$ BEGIN ASSERT (SELECT sum(i) FROM kept AS k(i)) = 3; END $$"))
}

func TestAServerLeftBehindIsReplaced(t *testing.T) {
	ctx, o := t.Context(), cluster.Options{Dir: folder(t)}
	left, err := cluster.Start(ctx, o)
	require.NoError(t, err)
	next, err := cluster.Start(ctx, o)
	require.NoError(t, err)
	defer next.Kill()
	require.Error(t, left.Exec(ctx, "SELECT 1"))
	require.NoError(t, next.Exec(ctx, "SELECT 1"))
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := cluster.Start(ctx, cluster.Options{Dir: folder(t), Settings: map[string]string{"max_connections": "many"}})
	require.ErrorContains(t, err, "max_connections")
}
