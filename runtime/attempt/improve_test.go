package attempt_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
)

func TestALateResultOnlyImproves(t *testing.T) {
	const completed, incomplete = attempt.CompletionCompleted, attempt.CompletionIncomplete
	const passed, failed, unknown = attempt.SuccessPassed, attempt.SuccessFailed, attempt.SuccessUnknown
	scaled := func(v float64) *attempt.Score { return &attempt.Score{Scaled: &v} }
	raw := func(v, top float64) *attempt.Score { return &attempt.Score{Raw: &v, Max: &top} }
	for name, c := range map[string]struct{ old, late, want attempt.Result }{
		"completion":                             {attempt.Result{Completion: incomplete}, attempt.Result{Completion: completed}, attempt.Result{Completion: completed}},
		"never back to incomplete":               {attempt.Result{Completion: completed}, attempt.Result{Completion: incomplete}, attempt.Result{Completion: completed}},
		"success":                                {attempt.Result{Success: failed}, attempt.Result{Success: passed}, attempt.Result{Success: passed}},
		"never back to failed":                   {attempt.Result{Success: passed}, attempt.Result{Success: failed}, attempt.Result{Success: passed}},
		"failed is not better than unknown":      {attempt.Result{Success: unknown}, attempt.Result{Success: failed}, attempt.Result{Success: unknown}},
		"a higher score":                         {attempt.Result{Score: scaled(.5)}, attempt.Result{Score: scaled(.6)}, attempt.Result{Score: scaled(.6)}},
		"not a lower score, even with a success": {attempt.Result{Success: failed, Score: scaled(.9)}, attempt.Result{Success: passed, Score: scaled(.6)}, attempt.Result{Success: passed, Score: scaled(.9)}},
		"the first score":                        {attempt.Result{}, attempt.Result{Score: raw(0, 10)}, attempt.Result{Score: raw(0, 10)}},
		"a higher raw score of the same range":   {attempt.Result{Score: raw(5, 10)}, attempt.Result{Score: raw(6, 10)}, attempt.Result{Score: raw(6, 10)}},
		"not one of another range":               {attempt.Result{Score: raw(5, 10)}, attempt.Result{Score: raw(6, 100)}, attempt.Result{Score: raw(5, 10)}},
		"unless it has passed":                   {attempt.Result{Score: raw(5, 10)}, attempt.Result{Success: passed, Score: raw(60, 100)}, attempt.Result{Success: passed, Score: raw(60, 100)}},
		"progress":                               {attempt.Result{Progress: new(.5)}, attempt.Result{Progress: new(.7)}, attempt.Result{Progress: new(.7)}},
		"time is not added":                      {attempt.Result{TotalSeconds: 5}, attempt.Result{TotalSeconds: 9}, attempt.Result{TotalSeconds: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			got, changed := c.old.Improve(c.late)
			require.Equal(t, c.want, got)
			require.Equal(t, !equal(c.old, c.want), changed)
			again, changed := got.Improve(c.late)
			require.False(t, changed, "improving twice is improving once")
			require.Equal(t, got, again)
		})
	}
}

func equal(a, b attempt.Result) bool {
	return assert.ObjectsAreEqual(a, b)
}
