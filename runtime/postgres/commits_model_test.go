package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
)

// model is an attempt as package attempt says that it behaves, without a database.
type model struct {
	launches   []launch.Launch
	ended      map[int64]int64 // fence of a launch that has ended → its last sequence
	applied    [2]int64        // fence and sequence
	result     attempt.Result
	floor      attempt.Result
	state      string
	activities map[string]*attempt.Commit
}

func (m *model) fence() int64 { return int64(len(m.launches)) }

// take is what must become of a commit: an outcome and the sequence told with it, or how it is refused.
func (m *model) take(c *attempt.Commit) string {
	s := m.activities[c.ActivityID]
	last, over := m.ended[c.Fence]
	newest := int64(0)
	if m.applied[0] == c.Fence {
		newest = m.applied[1]
	}
	var outcome string
	switch {
	case c.Fence > m.fence():
		return string(fault.Invalid)
	case s != nil && s.Fence == c.Fence && s.Sequence == c.Sequence && s.CMI["cmi.suspend_data"] == c.CMI["cmi.suspend_data"]:
		outcome = "duplicate 0"
	case s != nil && s.Fence == c.Fence && s.Sequence >= c.Sequence:
		outcome = fmt.Sprint("ordered ", s.Sequence)
	case over && c.Sequence > last:
		return string(fault.Gone)
	case c.Fence < m.fence():
		m.result, _ = m.result.Improve(c.Course)
		m.floor, _ = m.floor.Improve(c.Course)
		outcome = "superseded 0"
	case c.Sequence-newest > attempt.MostAhead:
		return fmt.Sprint("jump ", newest)
	default:
		m.activities[c.ActivityID] = c
		if c.Fence > m.applied[0] || c.Fence == m.applied[0] && c.Sequence > m.applied[1] {
			m.applied = [2]int64{c.Fence, c.Sequence}
			m.result, _ = c.Course.Improve(m.floor)
			m.state = string(c.State)
		}
		outcome = "applied 0"
	}
	if c.Final && !over {
		m.ended[c.Fence] = c.Sequence
	}
	return outcome
}

// said is the same of the database.
func said(kept attempt.Receipt, err error) string {
	var jump *attempt.JumpError
	switch {
	case errors.As(err, &jump):
		return fmt.Sprint("jump ", jump.Newest)
	case err != nil:
		if code := fault.CodeOf(err); code != "" {
			return string(code)
		}
		return err.Error()
	}
	return fmt.Sprint(kept.Outcome, " ", kept.Sequence)
}

// Launches, tabs, late deliveries, repetitions and forgeries in any order: after each step the database is as the model.
func TestCommitsBehaveAsTheModel(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	course := s.course(tenantID)
	s.publish(tenantID, course.ID)
	seen := map[string]int{}
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 10))
		l := s.learnerOf(tenantID, course.ID)
		unknown := attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown}
		m := &model{ended: map[int64]int64{}, result: l.attempt().Result, floor: unknown, activities: map[string]*attempt.Commit{}}
		tabs := map[int64]int64{} // what the honest tabs of a launch have counted to
		var sent []*attempt.Commit
		open := func() { m.launches = append(m.launches, l.opened()) }
		open()
		for step := range 50 {
			switch n := r.IntN(20); {
			case n == 0 && len(m.launches) < 5:
				open()
				continue
			case n == 1 && r.IntN(4) == 0:
				x := m.launches[r.IntN(len(m.launches))]
				_, err := l.EndLaunch(l.ctx, tenantID, x.ID)
				require.NoError(t, err)
				m.ended[x.Fence] = 0
				continue
			}
			c := l.any(r, m, tabs, sent)
			sent = append(sent, c)
			want, got := m.take(c), said(l.Commit(l.ctx, *c))
			require.Equal(t, want, got, "seed %d, step %d: %+v", seed, step, c)
			seen[got[:4]]++
			a := l.attempt()
			require.Equal(t, m.result, a.Result, "seed %d, step %d: %+v", seed, step, c)
			require.Equal(t, m.state, string(a.State))
			require.Equal(t, m.applied, [2]int64{a.AppliedFence, a.AppliedSequence})
			states := l.activities()
			require.Len(t, states, len(m.activities))
			for id, c := range m.activities {
				require.Equal(t, c.CMI, states[id].CMI, "seed %d, step %d", seed, step)
			}
		}
	}
	for _, outcome := range []string{"appl", "dupl", "orde", "supe", "jump", "gone", "inva"} {
		require.NotZero(t, seen[outcome], "%s: the generator never led there: %v", outcome, seen)
	}
	t.Log(seen)
}

// any is the next commit: of a tab that counts on, late, repeated, or forged.
func (l *learner) any(r *rand.Rand, m *model, tabs map[int64]int64, sent []*attempt.Commit) *attempt.Commit {
	if len(sent) > 0 && r.IntN(6) == 0 {
		return sent[r.IntN(len(sent))]
	}
	x := m.launches[len(m.launches)-1]
	if r.IntN(3) == 0 {
		x = m.launches[r.IntN(len(m.launches))]
	}
	tabs[x.Fence]++
	sequence := tabs[x.Fence]
	switch r.IntN(8) {
	case 0: // late
		sequence = 1 + r.Int64N(sequence)
	case 1: // forged
		sequence = []int64{m.applied[1] + attempt.MostAhead, m.applied[1] + attempt.MostAhead + 1, attempt.MostAhead, 1 << 40, 1<<63 - 1}[r.IntN(5)]
	case 2:
		x.Fence += 1000 * r.Int64N(2)
	}
	c := l.says(x, sequence, []attempt.Completion{incomplete, completed}[r.IntN(2)], float64(r.IntN(11))/10)
	c.Course.Success = []attempt.Success{attempt.SuccessUnknown, attempt.SuccessFailed, attempt.SuccessPassed}[r.IntN(3)]
	if r.IntN(4) == 0 {
		c.Course.Score = nil
	}
	if r.IntN(4) == 0 {
		c.Course.Progress = new(float64(r.IntN(11)) / 10)
	}
	c.ActivityID = fmt.Sprintf("item_%d", r.IntN(3))
	c.CMI["cmi.suspend_data"] += fmt.Sprintf("/%d", r.IntN(2)) // two tabs may use one number for different states
	c.Final = r.IntN(12) == 0
	return &c
}
