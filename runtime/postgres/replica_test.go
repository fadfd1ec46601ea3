package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

func replicated(t *testing.T) (s *store, replica *pgtest.Server) {
	t.Helper()
	primary := pgtest.Start(t)
	newStoreOn(t, primary, nil).Close()
	replica = primary.Replica()
	s = newStoreOn(t, primary, func(o *postgres.Options) { o.ReadHost, o.ReadPort = replica.Host, replica.Port })
	return s, replica
}

// titles are the courses' titles, newest first.
func (s *store) titles(tenantID string) []string {
	s.t.Helper()
	list, err := s.Courses(s.ctx, tenantID, postgres.Page{})
	require.NoError(s.t, err)
	var titles []string
	for _, c := range list.Items {
		titles = append(titles, c.Title)
	}
	return titles
}

// answered is who answered the reads that do makes.
func (s *store) answered(do func()) postgres.ReadStats {
	before := s.Stats().Reads
	do()
	after := s.Stats().Reads
	return postgres.ReadStats{Primary: after.Primary - before.Primary, Replica: after.Replica - before.Replica, Fallbacks: after.Fallbacks - before.Fallbacks}
}

// waitForReplica returns when the replica answers.
func (s *store) waitForReplica(tenantID string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		return s.answered(func() { s.titles(tenantID) }).Replica == 1
	}, 30*time.Second, 50*time.Millisecond)
}

func TestAReplicaThatHasEverythingAnswers(t *testing.T) {
	s, _ := replicated(t)
	tenantID := s.tenant()
	s.waitForReplica(tenantID)
	c := s.course(tenantID)
	s.waitForReplica(tenantID)
	require.Equal(t, postgres.ReadStats{Primary: 2}, s.answered(func() {
		_, err := s.Course(s.ctx, tenantID, c.ID)
		require.NoError(t, err)
		_, err = s.Courses(postgres.FromPrimary(s.ctx), tenantID, postgres.Page{})
		require.NoError(t, err)
	}))
	require.NoError(t, s.MeasureLag(s.ctx))
	require.NotNil(t, s.Stats().Lag)
	require.NotNil(t, s.Stats().Replica)
}

func TestAReplicaThatIsBehindIsNotAsked(t *testing.T) {
	s, replica := replicated(t)
	tenantID := s.tenant()
	s.waitForReplica(tenantID)
	replica.Exec("SELECT pg_wal_replay_pause()")
	require.Eventually(t, func() bool { return ask[string](t, replica, "SELECT pg_get_wal_replay_pause_state()") == "paused" }, 10*time.Second, 10*time.Millisecond)

	for n := range 5 {
		c := content.Course{ID: id(), TenantID: tenantID, Title: fmt.Sprint(n), CreatedAt: now()}
		require.NoError(t, s.CreateCourse(s.ctx, c))
		var titles []string
		require.Equal(t, postgres.ReadStats{Primary: 1, Fallbacks: 1}, s.answered(func() { titles = s.titles(tenantID) }))
		require.Equal(t, fmt.Sprint(n), titles[0], "what was written is read")
	}
	require.EqualValues(t, 0, ask[int64](t, replica, "SELECT count(*) FROM courses"), "the replica really is behind")
	require.NoError(t, s.MeasureLag(s.ctx))
	lag := *s.Stats().Lag
	require.Positive(t, lag.Bytes)
	require.Positive(t, lag.Seconds)

	replica.Exec("SELECT pg_wal_replay_resume()")
	s.waitForReplica(tenantID)
	require.Len(t, s.titles(tenantID), 5)
}

func TestAReplicaThatIsAwayIsNotMissed(t *testing.T) {
	s, replica := replicated(t)
	tenantID := s.tenant()
	s.course(tenantID)
	s.waitForReplica(tenantID)
	replica.Stop()
	require.Equal(t, int64(0), s.answered(func() {
		for range 5 {
			require.Len(t, s.titles(tenantID), 1)
		}
	}).Replica)
	replica.Start()
	s.waitForReplica(tenantID)
}

// A server that was promoted writes on a timeline of its own. Its position may be ahead of the primary's, which proves
// nothing.
func TestAServerOfAnotherTimelineIsNotAReplica(t *testing.T) {
	s, replica := replicated(t)
	tenantID := s.tenant()
	s.waitForReplica(tenantID)
	replica.Exec("SELECT pg_promote()")
	replica.Exec("CREATE TABLE ahead AS SELECT g, repeat('x', 100) FROM generate_series(1, 10000) g")
	s.course(tenantID)
	require.Equal(t, int64(0), s.answered(func() { require.Len(t, s.titles(tenantID), 1) }).Replica)

	replica.Demote() // a standby again, of nobody's timeline
	require.Eventually(t, func() bool { return s.answered(func() { s.titles(tenantID) }).Fallbacks == 1 }, 30*time.Second, 50*time.Millisecond, "it is tried again")
	require.Equal(t, int64(0), s.answered(func() { require.Len(t, s.titles(tenantID), 1) }).Replica)
}

// Writers read back what they wrote while the replica goes back and forth between keeping up and lagging.
func TestNobodyReadsOlderThanWhatTheyWrote(t *testing.T) {
	s, replica := replicated(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	var writers sync.WaitGroup
	stop := make(chan struct{})
	total := s.answered(func() {
		for range 6 {
			l := s.learnerOf(tenantID, c.ID)
			x := l.opened()
			writers.Go(func() {
				for n := int64(1); ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := s.Commit(l.ctx, l.says(x, n, attempt.CompletionIncomplete, .5)); err != nil {
						t.Error(err)
						return
					}
					a, err := s.Attempt(l.ctx, tenantID, l.attemptID)
					if err != nil || a.Result.TotalSeconds != float64(n) {
						t.Errorf("wrote %d, read %v %v", n, a.Result.TotalSeconds, err)
						return
					}
				}
			})
		}
		for range 8 {
			replica.Exec("SELECT pg_wal_replay_pause()")
			time.Sleep(100 * time.Millisecond)
			replica.Exec("SELECT pg_wal_replay_resume()")
			time.Sleep(200 * time.Millisecond)
		}
		close(stop)
		writers.Wait()
	})
	t.Logf("%+v", total)
	require.Positive(t, total.Replica)
	require.Positive(t, total.Fallbacks)
}
