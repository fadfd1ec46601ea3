package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
)

const (
	incomplete = attempt.CompletionIncomplete
	completed  = attempt.CompletionCompleted
)

func TestACommitIsKeptWhole(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	c := l.says(x, 1, incomplete, .25)
	c.CMI["cmi.core.lesson_location"] = "a\u0000b – ü 漢 \U0001F600"
	c.Course.Progress = new(.5)
	require.Equal(t, attempt.Applied, l.commit(c))

	a := l.attempt()
	require.Equal(t, c.Course, a.Result)
	require.JSONEq(t, string(c.State), string(a.State))
	require.EqualValues(t, 1, a.Fence)
	require.True(t, a.UpdatedAt.After(a.CreatedAt))
	s := l.activities()["item_1"]
	require.Equal(t, c.CMI, s.CMI, "even characters that jsonb refuses")
	require.Equal(t, c.Activity, s.Result)
	require.Equal(t, time.UTC, s.UpdatedAt.Location())
}

func TestDuplicatesAndOldCommitsOfALaunchChangeNothing(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 5, completed, .9)))
	before, states := l.attempt(), l.activities()
	require.Equal(t, attempt.Duplicate, l.commit(l.says(x, 5, incomplete, .1)))
	require.Equal(t, attempt.Ordered, l.commit(l.says(x, 4, incomplete, .1)))
	require.Equal(t, before, l.attempt())
	require.Equal(t, states, l.activities())
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 6, incomplete, .1)), "the live launch may set anything")
	require.Equal(t, incomplete, l.attempt().Result.Completion)
}

func TestAnOldCommitOfAnotherActivityLeavesTheCourseAlone(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 2, completed, .9)))
	late := l.says(x, 1, incomplete, .1)
	late.ActivityID = "item_0"
	require.Equal(t, attempt.Applied, l.commit(late))
	require.Equal(t, completed, l.attempt().Result.Completion)
	require.JSONEq(t, `{"at":"1/2"}`, string(l.attempt().State))
	require.Equal(t, incomplete, l.activities()["item_0"].Result.Completion)
}

func TestACommitWithoutStateLeavesTheStoredOne(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	l.commit(l.says(x, 1, incomplete, .1))
	c := l.says(x, 2, incomplete, .2)
	c.State = nil
	require.Equal(t, attempt.Applied, l.commit(c))
	require.JSONEq(t, `{"at":"1/1"}`, string(l.attempt().State))
}

func TestASupersededLaunchMayOnlyImproveTheResult(t *testing.T) {
	l := sharedStore(t).learner()
	stale, live := l.opened(), l.opened()
	require.EqualValues(t, 2, live.Fence)
	require.Equal(t, attempt.Applied, l.commit(l.says(live, 1, completed, .5)))
	states := l.activities()

	require.Equal(t, attempt.Superseded, l.commit(l.says(stale, 7, incomplete, .1)))
	require.Equal(t, completed, l.attempt().Result.Completion)
	require.Equal(t, .5, *l.attempt().Result.Score.Scaled)

	better := l.says(stale, 8, incomplete, .8)
	better.Course.Success = attempt.SuccessPassed
	events := len(l.deliveredEvents())
	for range 2 {
		require.Equal(t, attempt.Superseded, l.commit(better))
	}
	r := l.attempt().Result
	require.Equal(t, completed, r.Completion)
	require.Equal(t, attempt.SuccessPassed, r.Success)
	require.Equal(t, .8, *r.Score.Scaled)
	require.Equal(t, 1., r.TotalSeconds)
	require.Equal(t, states, l.activities(), "its data is not taken")
	require.JSONEq(t, `{"at":"2/1"}`, string(l.attempt().State))
	require.Len(t, l.deliveredEvents(), events+1, "an improvement is told of, once")
}

// The pass of a launch that was superseded arrives between the autosaves of the newer one, in any order, through two instances.
func TestAPassOfASupersededLaunchIsNotUndone(t *testing.T) {
	s := newStore(t)
	other := newStoreOn(t, s.server, nil)
	for range 5 {
		l := s.learner()
		stale, live := l.opened(), l.opened()
		passed := l.says(stale, 3, completed, .9)
		passed.Course.Success = attempt.SuccessPassed
		var wg sync.WaitGroup
		for n := range int64(12) {
			wg.Go(func() {
				if _, err := other.Commit(l.ctx, l.says(live, n+1, incomplete, .1)); err != nil {
					t.Error(err)
				}
			})
			if n == 4 {
				wg.Go(func() {
					if kept, err := l.Commit(l.ctx, passed); err != nil || kept.Outcome != attempt.Superseded {
						t.Error(kept, err)
					}
				})
			}
		}
		wg.Wait()
		autosave := l.says(live, 13, incomplete, .2)
		require.Equal(t, attempt.Applied, l.commit(autosave))
		r := l.attempt().Result
		require.Equal(t, attempt.SuccessPassed, r.Success)
		require.Equal(t, completed, r.Completion)
		require.Equal(t, .9, *r.Score.Scaled)
		require.Equal(t, 13., r.TotalSeconds, "time is the newer launch's")
		require.Equal(t, autosave.CMI, l.activities()["item_1"].CMI)

		better := l.says(live, 14, completed, .95)
		better.Course.Success = attempt.SuccessPassed
		l.commit(better)
		require.Equal(t, .95, *l.attempt().Result.Score.Scaled, "it may be improved on")
		third := l.opened()
		l.commit(l.says(third, 1, incomplete, 0))
		require.Equal(t, attempt.SuccessPassed, l.attempt().Result.Success, "nor does a later launch undo it")
		require.Equal(t, .9, *l.attempt().Result.Score.Scaled)
	}
}

func TestTheFinalCommitEndsTheLaunchEvenIfItIsRepeatedOrSuperseded(t *testing.T) {
	l := sharedStore(t).learner()
	first, second := l.opened(), l.opened()
	c := l.says(first, 1, incomplete, .1)
	c.Final = true
	require.Equal(t, attempt.Superseded, l.commit(c))
	x, err := l.Launch(l.ctx, l.tenantID, first.ID)
	require.NoError(t, err)
	require.NotNil(t, x.EndedAt)
	ended := *x.EndedAt
	l.commit(c)
	x, err = l.Launch(l.ctx, l.tenantID, first.ID)
	require.NoError(t, err)
	require.Equal(t, ended, *x.EndedAt)
	x, err = l.Launch(l.ctx, l.tenantID, second.ID)
	require.NoError(t, err)
	require.Nil(t, x.EndedAt)
}

func TestCommitsThatCannotBe(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	for name, c := range map[string]struct {
		mutate func(*attempt.Commit)
		code   fault.Code
	}{
		"a fence that was never given out": {func(c *attempt.Commit) { c.Fence = 2 }, fault.Invalid},
		"no fence":                         {func(c *attempt.Commit) { c.Fence = 0 }, fault.Invalid},
		"no sequence":                      {func(c *attempt.Commit) { c.Sequence = 0 }, fault.Invalid},
		"an unknown attempt":               {func(c *attempt.Commit) { c.AttemptID = noID }, fault.NotFound},
		"an attempt that is no UUID":       {func(c *attempt.Commit) { c.AttemptID = "1; DROP TABLE attempts" }, fault.NotFound},
		"a launch that is no UUID":         {func(c *attempt.Commit) { c.LaunchID = "" }, fault.NotFound},
		"another tenant's attempt":         {func(c *attempt.Commit) { c.TenantID = l.tenant() }, fault.NotFound},
		"an unknown tenant":                {func(c *attempt.Commit) { c.TenantID = "nobody" }, fault.NotFound},
		"a NUL in the activity":            {func(c *attempt.Commit) { c.ActivityID = "a\x00" }, fault.Invalid},
		"an endless activity":              {func(c *attempt.Commit) { c.ActivityID = incompressible(9000) }, fault.Invalid},
		"no JSON in the state":             {func(c *attempt.Commit) { c.State = json.RawMessage(`{`) }, fault.Invalid},
		"no number in the score":           {func(c *attempt.Commit) { c.Course.Score.Scaled = new(math.NaN()) }, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			bad := l.says(x, 1, incomplete, .1)
			c.mutate(&bad)
			_, err := l.Commit(l.ctx, bad)
			require.Equal(t, c.code, fault.CodeOf(err), "%v", err)
		})
	}
	require.Empty(t, l.activities())
}

func incompressible(n int) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(id())
	}
	return b.String()
}

func TestOneBadCommitHarmsNoOther(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	var wg sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		l := s.learnerOf(tenantID, c.ID)
		x := l.opened()
		wg.Go(func() {
			for n := range int64(5) {
				commit := l.says(x, n+1, incomplete, .5)
				if i%4 == 0 {
					commit.ActivityID = "bad\x00"
				}
				if _, err := l.Commit(l.ctx, commit); err != nil {
					errs[i] = err
				}
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if i%4 == 0 {
			require.Equal(t, fault.Invalid, fault.CodeOf(err), "%v", err)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestConcurrentCommitsAreWrittenInBatchesAndEachHasItsOwnOutcome(t *testing.T) {
	s := newStore(t)
	tenantID := s.tenant()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	const learners, commits = 60, 20
	before := s.Stats().Commits
	var wg sync.WaitGroup
	for range learners {
		l := s.learnerOf(tenantID, c.ID)
		x := l.opened()
		wg.Go(func() {
			for n := range int64(commits) {
				kept, err := l.Commit(l.ctx, l.says(x, n+1, incomplete, float64(n)/commits))
				if err != nil || kept.Outcome != attempt.Applied {
					t.Errorf("%s: %v", kept.Outcome, err)
				}
			}
			if got := l.activities()["item_1"].CMI["cmi.suspend_data"]; got != fmt.Sprintf("1/%d", commits) {
				t.Errorf("the last state is %s", got)
			}
		})
	}
	wg.Wait()
	after := s.Stats().Commits
	require.EqualValues(t, learners*commits, after.Commits-before.Commits)
	require.Less(t, after.Batches-before.Batches, int64(learners*commits), "fewer batches than commits")
	t.Logf("%d commits in %d batches", after.Commits-before.Commits, after.Batches-before.Batches)
}

// One attempt, many deliveries at once through two instances: stale tabs, duplicates, any order. Whatever the order they
// arrive in, the newest of the live launch is what stays.
func TestTheNewestStaysWhateverTheOrderAndTheInstance(t *testing.T) {
	s := newStore(t)
	other := newStoreOn(t, s.server, nil)
	for range 5 {
		l := s.learner()
		var launches []launch.Launch
		for range 3 {
			launches = append(launches, l.opened())
		}
		const commits = 15
		outcomes := make(chan attempt.Outcome, 1000)
		var wg sync.WaitGroup
		for copies := range 3 {
			for _, x := range launches {
				for n := range int64(commits) {
					db := s.DB
					if (int(n)+copies)%2 == 1 {
						db = other.DB
					}
					wg.Go(func() {
						kept, err := db.Commit(l.ctx, l.says(x, n+1, incomplete, float64(n)/100))
						if err != nil {
							t.Error(err)
						}
						outcomes <- kept.Outcome
					})
				}
			}
		}
		wg.Wait()
		close(outcomes)
		count := map[attempt.Outcome]int{}
		for o := range outcomes {
			count[o]++
		}
		require.Equal(t, 2*3*commits, count[attempt.Superseded])
		require.Equal(t, 3*commits, count[attempt.Applied]+count[attempt.Duplicate]+count[attempt.Ordered])
		require.LessOrEqual(t, count[attempt.Applied], commits, "none is applied twice: %v", count)
		require.Equal(t, fmt.Sprintf("3/%d", commits), l.activities()["item_1"].CMI["cmi.suspend_data"])
		require.JSONEq(t, fmt.Sprintf(`{"at":"3/%d"}`, commits), string(l.attempt().State))
		require.Equal(t, float64(commits), l.attempt().Result.TotalSeconds)
	}
}

func TestACommitWhoseCallerHasGoneIsNotAnError(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	ctx, cancel := context.WithCancel(l.ctx)
	cancel()
	_, err := l.Commit(ctx, l.says(x, 1, incomplete, .1))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 2, incomplete, .1)), "the next one is not held up")
}

// deliveredEvents are the results that events of the learner's attempt tell of, oldest first.
func (l *learner) deliveredEvents() []attempt.Result {
	l.t.Helper()
	w := postgres.Webhook{ID: id(), TenantID: l.tenantID, URL: "https://lms.example/hook", Secret: 1, Active: true, CreatedAt: now()}
	hooks, err := l.Webhooks(l.ctx, l.tenantID, postgres.Page{})
	require.NoError(l.t, err)
	if len(hooks.Items) == 0 {
		require.NoError(l.t, l.CreateWebhook(l.ctx, w))
	} else {
		w = hooks.Items[0]
	}
	for {
		n, err := l.ExpandEvents(l.ctx, 100)
		require.NoError(l.t, err)
		if n == 0 {
			break
		}
	}
	list, err := l.Deliveries(l.ctx, l.tenantID, w.ID, postgres.Page{Limit: 200})
	require.NoError(l.t, err)
	var results []attempt.Result
	for i := len(list.Items) - 1; i >= 0; i-- {
		d := list.Items[i]
		if d.Type != postgres.EventResultChanged {
			continue
		}
		var data struct {
			RegistrationID, AttemptID, CourseID string
			Result                              attempt.Result
		}
		require.NoError(l.t, json.Unmarshal(d.Data, &data))
		require.Equal(l.t, []string{l.registrationID, l.attemptID, l.courseID}, []string{data.RegistrationID, data.AttemptID, data.CourseID})
		results = append(results, data.Result)
	}
	return results
}

func TestAnEventIsWrittenWhenTheResultChanges(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	require.Empty(t, l.deliveredEvents())
	l.commit(l.says(x, 1, incomplete, .1))
	l.commit(l.says(x, 1, incomplete, .1)) // duplicate
	l.commit(l.says(x, 2, incomplete, .1)) // time alone
	l.commit(l.says(x, 3, completed, .1))
	last := l.says(x, 4, completed, .1)
	last.Final = true
	l.commit(last) // time alone, at the end
	var got []string
	for _, r := range l.deliveredEvents() {
		got = append(got, fmt.Sprintf("%s %g s", r.Completion, r.TotalSeconds))
	}
	require.Equal(t, []string{"incomplete 1 s", "completed 3 s", "completed 4 s"}, got)
}
