//go:build system

package fleet_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

const (
	failoverLearners = 12
	// noticed is how long nobody does anything about a primary that died. (RDS: 60 to 120 s until its name leads to the new one; that is its
	// own time, in which the service can only wait.)
	noticed = 6 * time.Second
)

// TestDatabaseFailover kills the primary and promotes its standby, behind an endpoint that then leads to it.
func TestDatabaseFailover(t *testing.T) {
	for name, fail := range map[string]func(*endpoint){
		"the server's process dies":    (*endpoint).cut,
		"the server's machine is gone": (*endpoint).silence,
	} {
		t.Run(name, func(t *testing.T) { failover(t, fail) })
	}
}

func failover(t *testing.T, fail func(*endpoint)) {
	primary := pgtest.StartWith(t, map[string]string{"max_connections": "100"})
	standby := primary.Replica()
	// As in a Multi-AZ deployment: what is committed is on the standby too.
	primary.Exec("ALTER SYSTEM SET synchronous_standby_names = '*'")
	primary.Exec("SELECT pg_reload_conf()")
	name := startEndpoint(t, net.JoinHostPort(primary.Host, primary.Port))
	e := startEngines(t, primary, name, 3)
	f, d := startBeside(t, primary, name, 2)

	instances := maps.Clone(e.bases)
	for _, h := range f.hosts {
		instances["host "+h.name[len(h.name)-1:]] = h.url()
	}
	stop := make(chan struct{})
	watching, watched := startWatch(instances, stop)
	commits := &meter{}
	learned := e.learn(commits, stop)
	jobs, noted := d.metered(t, stop)
	servers.Await(t, "commits and jobs succeed", func() bool { return commits.since(time.Time{}) > 200 && jobs.since(time.Time{}) > 3 })

	died := time.Now()
	fail(name)
	servers.KillTree(postmaster(t, primary))
	time.Sleep(noticed)
	promoting := time.Now()
	standby.Promote()
	promoted := time.Since(promoting)
	name.point(net.JoinHostPort(standby.Host, standby.Port))
	switched := time.Now()
	servers.Await(t, "commits and jobs succeed again", func() bool { return commits.since(switched) > 500 && jobs.since(switched) > 3 })
	close(stop)
	watched()
	learned()
	noted()

	rows := []string{"\tseconds"}
	add := func(what string, d time.Duration) { rows = append(rows, what+"\t"+seconds(d)) }
	add("primary dead until the standby is promoted by somebody", promoting.Sub(died))
	add("promotion", promoted)
	add("primary dead until the name leads to the new one", switched.Sub(died))
	add("no commit acknowledged, engine", commits.gap(died))
	add("of these after the name had changed", commits.first(switched))
	add("no job of the hosts", jobs.gap(died))
	add("of these after the name had changed", jobs.first(switched))
	table(t, "Database failover, "+t.Name(), rows...)

	rows = []string{"instance\tasked\tanswers other than 200\tslowest answer\tstates seen"}
	for _, i := range slices.Sorted(maps.Keys(instances)) {
		rows = append(rows, fmt.Sprintf("%s\t%d\t%d\t%s\t%s", i, watching.asked[i], len(watching.refused[i]), seconds(watching.slowest[i]), strings.Join(watching.states[i], ", ")))
	}
	table(t, "Health while the database failed over", rows...)
	for i := range instances {
		require.Empty(t, watching.refused[i], "%s would have been taken out of service", i)
		require.NotZero(t, watching.asked[i])
	}
	e.compare()
}

// postmaster is the process id of the server, which kills all of its processes.
func postmaster(t *testing.T, s *pgtest.Server) (pid int) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn(s))
	require.NoError(t, err)
	defer conn.Close(ctx)
	require.NoError(t, conn.QueryRow(ctx, `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`).Scan(&pid))
	return pid
}

// first is how long after at the first hit was.
func (m *meter) first(at time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.hits {
		if h.After(at) {
			return h.Sub(at)
		}
	}
	return 0
}

// learn lets learners commit until stop is closed; each acknowledgement is a hit.
func (e *engines) learn(m *meter, stop <-chan struct{}) (wait func()) {
	ctx, api := context.Background(), e.api
	zip, err := learner.Package()
	require.NoError(e.t, err)
	course, err := api.Import(ctx, "load.zip", int64(len(zip)), bytes.NewReader(zip))
	require.NoError(e.t, err)
	var all sync.WaitGroup
	for i := range failoverLearners {
		registration, err := api.Register(ctx, course, fmt.Sprintf("learner-%d", i))
		require.NoError(e.t, err)
		link, err := api.Link(ctx, registration)
		require.NoError(e.t, err)
		l, err := learner.Open(ctx, api.HTTP, api.Base, link)
		require.NoError(e.t, err)
		all.Go(func() {
			last := int64(0)
			for done := false; !done; {
				select {
				case <-stop:
					done = true
				case <-time.After(20 * time.Millisecond):
					c := l.Next(2000)
					if _, _, err := l.Deliver(ctx, c); err != nil {
						e.t.Errorf("commit %d: %v", c.Sequence, err)
						return
					}
					last = c.Sequence
					m.hit()
				}
			}
			e.note(registration, last)
		})
	}
	return all.Wait
}
