package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// under has learners commit while break does its worst, and checks what they were told against what there is.
func under(t *testing.T, settings map[string]string, breaking func(*pgtest.Server)) {
	s := newStoreOn(t, pgtest.StartWith(t, settings), nil)
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	const learners = 24
	type told struct {
		l    *learner
		x    launch.Launch
		last int64 // sequence of the last commit that was acknowledged
	}
	all := make([]*told, learners)
	for i := range all {
		l := s.learnerOf(tenantID, c.ID)
		all[i] = &told{l: l, x: l.opened()}
	}
	var wg sync.WaitGroup
	var acknowledged atomic.Int64
	stop := make(chan struct{})
	for _, k := range all {
		wg.Go(func() {
			for n := int64(1); ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				kept, err := s.Commit(s.ctx, k.l.says(k.x, n, attempt.CompletionIncomplete, .5))
				if err != nil || kept.Outcome != attempt.Applied && kept.Outcome != attempt.Duplicate {
					t.Errorf("commit %d: %s %v", n, kept.Outcome, err)
					return
				}
				k.last = n
				acknowledged.Add(1)
			}
		})
	}
	for range 3 {
		before := acknowledged.Load()
		require.Eventually(t, func() bool { return acknowledged.Load() > before+200 }, time.Minute, 5*time.Millisecond)
		breaking(s.server)
	}
	before := acknowledged.Load()
	require.Eventually(t, func() bool { return acknowledged.Load() > before+200 }, time.Minute, 5*time.Millisecond, "it works again")
	close(stop)
	wg.Wait()
	s.server.Stop() // only what is on disk counts
	s.server.Start()
	for _, k := range all {
		require.Equal(t, float64(k.last), k.l.attempt().Result.TotalSeconds)
		require.Equal(t, fmt.Sprintf("%d/%d", k.x.Fence, k.last), k.l.activities()["item_1"].CMI["cmi.suspend_data"])
		require.Len(t, k.l.activities(), 1)
	}
	t.Logf("%d commits acknowledged", acknowledged.Load())
}

func TestNoAcknowledgedCommitIsLostWhenTheServerIsKilled(t *testing.T) {
	under(t, nil, func(s *pgtest.Server) { // durable: no fsync=off
		s.Stop()
		s.Start()
	})
}

func TestCommitsGoOnAfterTheServerWasAStandby(t *testing.T) {
	under(t, map[string]string{"fsync": "off"}, func(s *pgtest.Server) {
		s.Demote()
		time.Sleep(200 * time.Millisecond)
		s.Promote()
	})
}

func TestCommitsGoOnAfterTheirConnectionsWereTerminated(t *testing.T) {
	under(t, map[string]string{"fsync": "off"}, func(s *pgtest.Server) {
		s.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'")
	})
}

func TestADatabaseThatStaysAwayIsUnavailable(t *testing.T) {
	s := newStore(t)
	l := s.learner()
	x := l.opened()
	s.server.Stop()
	ctx, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	_, err := s.Commit(ctx, l.says(x, 1, attempt.CompletionIncomplete, .5))
	require.Equal(t, fault.Unavailable, fault.CodeOf(err), "%v", err)
	_, err = s.Course(ctx, l.tenantID, l.courseID)
	require.Equal(t, fault.Unavailable, fault.CodeOf(err), "%v", err)
	s.server.Start()
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 1, attempt.CompletionIncomplete, .5)))
}

func TestARowThatIsLockedForLongDelaysItsCommitAndNoOther(t *testing.T) {
	s := newStore(t)
	l := s.learner()
	other := s.learnerOf(l.tenantID, l.courseID)
	x, y := l.opened(), other.opened()
	var wg sync.WaitGroup
	wg.Go(func() {
		s.server.Exec("BEGIN; SELECT 1 FROM attempts WHERE id = '" + l.attemptID + "' FOR UPDATE; SELECT pg_sleep(4); COMMIT")
	})
	require.Eventually(t, func() bool { // it sleeps, so it has the lock
		return ask[int64](t, s.server, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") > 0
	}, 10*time.Second, 5*time.Millisecond)
	wg.Go(func() {
		if kept, err := l.Commit(l.ctx, l.says(x, 1, attempt.CompletionIncomplete, .5)); err != nil || kept.Outcome != attempt.Applied {
			t.Errorf("the lock time-out is retried: %s %v", kept.Outcome, err)
		}
	})
	require.Equal(t, attempt.Applied, other.commit(other.says(y, 1, attempt.CompletionIncomplete, .5)))
	wg.Wait()
}
