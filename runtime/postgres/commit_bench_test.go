package postgres_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// BenchmarkCommit measures durable commits of one tenant, each learner waiting for its answer before the next. With
// LECTERN_PGBENCH, the path of pgbench, it also measures what the same server does with the plainest equivalent: one
// client, one connection, one single-row upsert of the same size.
func BenchmarkCommit(b *testing.B) {
	server := pgtest.StartWith(b, map[string]string{"max_connections": "200", "shared_buffers": "256MB", "max_wal_size": "4GB"})
	s := newStoreOn(b, server, func(o *postgres.Options) { o.Tracer = nil })
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	learners := make([]*learner, 128)
	launches := make([]launch.Launch, len(learners))
	for i := range learners {
		learners[i] = s.learnerOf(tenantID, c.ID)
		launches[i] = learners[i].opened()
	}
	var sequence atomic.Int64
	for _, n := range []int{1, 8, 32, 128} {
		b.Run(fmt.Sprintf("learners=%d", n), func(b *testing.B) {
			before := s.Stats().Commits
			next := atomic.Int64{}
			var wg sync.WaitGroup
			for w := range n {
				wg.Go(func() {
					for next.Add(1) <= int64(b.N) {
						commit := learners[w].says(launches[w], sequence.Add(1), attempt.CompletionIncomplete, .5)
						if _, err := s.Commit(context.Background(), commit); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			after := s.Stats().Commits
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
			b.ReportMetric(float64(after.Commits-before.Commits)/float64(after.Batches-before.Batches), "commits/batch")
		})
		if pgbench := os.Getenv("LECTERN_PGBENCH"); pgbench != "" {
			b.Run(fmt.Sprintf("pgbench=%d", n), func(b *testing.B) { plainUpsert(b, pgbench, server, n) })
		}
	}
}

const upsertScript = `\set id random(1, 100000)
INSERT INTO plain VALUES (:id, 1, '{"cmi.suspend_data": "1/1"}', '{"completion":"incomplete","success":"unknown","score":{"scaled":0.5},"totalSeconds":1}', now())
ON CONFLICT (id) DO UPDATE SET sequence = plain.sequence + 1, cmi = excluded.cmi, result = excluded.result, updated_at = excluded.updated_at;
`

func plainUpsert(b *testing.B, pgbench string, server *pgtest.Server, clients int) {
	server.Exec("CREATE TABLE IF NOT EXISTS plain (id bigint PRIMARY KEY, sequence bigint, cmi json, result jsonb, updated_at timestamptz) WITH (fillfactor = 70)")
	script := filepath.Join(b.TempDir(), "upsert.sql")
	require.NoError(b, os.WriteFile(script, []byte(upsertScript), 0o644))
	cmd := exec.Command(pgbench, "-n", "-M", "prepared", "-f", script, "-c", fmt.Sprint(clients), "-j", "2", "-T", "4", "-h", server.Host, "-p", server.Port, "-U", pgtest.User, pgtest.Database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+server.Password)
	out, err := cmd.CombinedOutput()
	require.NoError(b, err, string(out))
	m := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	require.NotNil(b, m, string(out))
	var tps float64
	_, err = fmt.Sscan(string(m[1]), &tps)
	require.NoError(b, err)
	b.ReportMetric(tps, "upserts/s")
	b.ReportMetric(0, "ns/op")
}
