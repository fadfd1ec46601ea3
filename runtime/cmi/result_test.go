package cmi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/cmi"
	"github.com/lectern/lectern/runtime/content"
)

type state = map[string]string

// SCORM 1.2 RTE 3.4.4, cmi.core.lesson_status.
func TestLessonStatusSaysCompletionAndSuccess(t *testing.T) {
	for status, want := range map[string]attempt.Result{
		"":              {Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown},
		"passed":        {Completion: attempt.CompletionCompleted, Success: attempt.SuccessPassed},
		"failed":        {Completion: attempt.CompletionCompleted, Success: attempt.SuccessFailed},
		"completed":     {Completion: attempt.CompletionCompleted, Success: attempt.SuccessUnknown},
		"incomplete":    {Completion: attempt.CompletionIncomplete, Success: attempt.SuccessUnknown},
		"browsed":       {Completion: attempt.CompletionIncomplete, Success: attempt.SuccessUnknown},
		"not attempted": {Completion: attempt.CompletionNotAttempted, Success: attempt.SuccessUnknown},
	} {
		require.Equal(t, want, cmi.ResultOf(content.SCORM12, state{"cmi.core.lesson_status": status}), status)
	}
}

// SCORM 1.2 RTE 3.4.4, cmi.core.score.
func TestARawScoreIsScaledByItsRange(t *testing.T) {
	for _, c := range []struct {
		raw, min, max string
		scaled        *float64
	}{
		{"80", "", "", new(0.8)},
		{"80", "", "100", new(0.8)},
		{"5", "0", "10", new(0.5)},
		{"15", "10", "20", new(0.5)},
		{"30", "10", "20", nil},
		{"5", "10", "10", nil},
	} {
		r := cmi.ResultOf(content.SCORM12, state{"cmi.core.score.raw": c.raw, "cmi.core.score.min": c.min, "cmi.core.score.max": c.max})
		require.NotNil(t, r.Score)
		require.Equal(t, c.scaled, r.Score.Scaled, "%v", c)
	}
	require.Nil(t, cmi.ResultOf(content.SCORM12, state{"cmi.core.score.raw": "", "cmi.core.score.max": "100"}).Score, "a maximum that the API filled in is no score")
}

// SCORM 2004 RTE 4.2.4.1.
func TestCompletionIsEvaluatedWithItsThreshold(t *testing.T) {
	for _, c := range []struct {
		status, threshold, progress string
		want                        attempt.Completion
	}{
		{"", "", "", attempt.CompletionUnknown},
		{"completed", "", "", attempt.CompletionCompleted},
		{"not attempted", "", "", attempt.CompletionNotAttempted},
		{"incomplete", "", "1", attempt.CompletionIncomplete},
		{"incomplete", "0.5", "0.5", attempt.CompletionCompleted},
		{"completed", "0.5", "0.49", attempt.CompletionIncomplete},
		{"", "0.5", "", attempt.CompletionUnknown},
	} {
		got := cmi.ResultOf(content.SCORM2004, state{"cmi.completion_status": c.status, "cmi.completion_threshold": c.threshold, "cmi.progress_measure": c.progress})
		require.Equal(t, c.want, got.Completion, "%v", c)
	}
}

// SCORM 2004 RTE 4.2.22.1.
func TestSuccessIsEvaluatedWithThePassingScore(t *testing.T) {
	for _, c := range []struct {
		status, passing, scaled string
		want                    attempt.Success
	}{
		{"", "", "", attempt.SuccessUnknown},
		{"passed", "", "0.1", attempt.SuccessPassed},
		{"failed", "", "", attempt.SuccessFailed},
		{"failed", "0.7", "0.7", attempt.SuccessPassed},
		{"passed", "0.7", "0.69", attempt.SuccessFailed},
		{"passed", "0.7", "", attempt.SuccessUnknown},
		{"", "-0.5", "-0.25", attempt.SuccessPassed},
	} {
		got := cmi.ResultOf(content.SCORM2004, state{"cmi.success_status": c.status, "cmi.scaled_passing_score": c.passing, "cmi.score.scaled": c.scaled})
		require.Equal(t, c.want, got.Success, "%v", c)
	}
}

func TestScoreProgressAndTimeOf2004(t *testing.T) {
	r := cmi.ResultOf(content.SCORM2004, state{
		"cmi.score.scaled": "-0.25", "cmi.score.raw": "3", "cmi.score.min": "-10", "cmi.score.max": "90",
		"cmi.progress_measure": "0.5", "cmi.total_time": "PT1H2M3.5S", "cmi.session_time": "PT5S",
	})
	require.Equal(t, &attempt.Score{Scaled: new(-0.25), Raw: new(3.0), Min: new(-10.0), Max: new(90.0)}, r.Score)
	require.Equal(t, new(0.5), r.Progress)
	require.InDelta(t, 3723.5, r.TotalSeconds, 1e-9)
}

func TestTimeIsTheTotalAndUntilThereIsOneTheSession(t *testing.T) {
	require.InDelta(t, 5400.25, cmi.ResultOf(content.SCORM12, state{"cmi.core.total_time": "0001:30:00.25", "cmi.core.session_time": "00:00:10"}).TotalSeconds, 1e-9)
	require.InDelta(t, 10, cmi.ResultOf(content.SCORM12, state{"cmi.core.session_time": "00:00:10"}).TotalSeconds, 1e-9)
	require.InDelta(t, 10, cmi.ResultOf(content.SCORM2004, state{"cmi.session_time": "PT10S", "cmi.total_time": ""}).TotalSeconds, 1e-9)
}

func TestAnUnreadableStateSaysNothing(t *testing.T) {
	want := attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown}
	require.Equal(t, want, cmi.ResultOf(content.SCORM2004, nil))
	require.Equal(t, want, cmi.ResultOf(content.CMI5, nil))
	require.Equal(t, want, cmi.ResultOf(content.SCORM12, state{"cmi.core.score.raw": "NaN", "cmi.core.total_time": "later"}))
}
