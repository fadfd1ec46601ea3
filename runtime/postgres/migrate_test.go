package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
)

func ask[T any](t *testing.T, s *pgtest.Server, sql string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, "host="+s.Host+" port="+s.Port+" user="+pgtest.User+" password="+s.Password+" dbname="+pgtest.Database+" sslmode=disable")
	require.NoError(t, err)
	defer conn.Close(ctx)
	var v T
	require.NoError(t, conn.QueryRow(ctx, sql).Scan(&v))
	return v
}

func TestManyInstancesMigrateAtOnce(t *testing.T) {
	server, v := pgtest.Start(t), &vault{}
	v.put(server.Password)
	var group errgroup.Group
	for range 5 {
		db, err := postgres.Open(t.Context(), postgres.Options{
			Host: server.Host, Port: server.Port, Name: pgtest.Database, MaxConns: 2, Login: secrets.New(v.read, secrets.DecodeLogin, 0),
		})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		group.Go(func() error { return db.Migrate(t.Context()) })
	}
	require.NoError(t, group.Wait())
	require.EqualValues(t, len(tables), ask[int64](t, server, "SELECT count(*) FROM pg_partitioned_table"))
	require.EqualValues(t, 0, ask[int64](t, server, `SELECT count(*) FROM pg_partitioned_table p
		WHERE (SELECT count(*) FROM pg_inherits i WHERE i.inhparent = p.partrelid) <> 16 OR p.partstrat <> 'h'
		OR (SELECT attname FROM pg_attribute a WHERE a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]) <> 'tenant_id'`))
	require.EqualValues(t, 0, ask[int64](t, server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
	for name, want := range map[string]string{"statement_timeout": "10s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "15s"} {
		require.Equal(t, want, ask[string](t, server, "SELECT current_setting('"+name+"')"), "of every new connection, without SET")
	}
}

func TestAcknowledgedMeansDurableWhateverTheParameterGroupSays(t *testing.T) {
	server := pgtest.StartWith(t, map[string]string{"fsync": "off", "synchronous_commit": "off"})
	newStoreOn(t, server, nil)
	require.Equal(t, "on", ask[string](t, server, "SELECT current_setting('synchronous_commit')"))
}
