package cmi

import "github.com/lectern/lectern/runtime/attempt"

// resultOf12 reads a SCORM 1.2 state (RTE 3.4.4): lesson_status says completion and success in one word; passed and failed
// both mean that the learner is through. Until the API totals the time, total_time is that of the sessions before.
func resultOf12(state map[string]string) attempt.Result {
	r := attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown}
	switch state["cmi.core.lesson_status"] {
	case "passed":
		r.Completion, r.Success = attempt.CompletionCompleted, attempt.SuccessPassed
	case "failed":
		r.Completion, r.Success = attempt.CompletionCompleted, attempt.SuccessFailed
	case "completed":
		r.Completion = attempt.CompletionCompleted
	case "incomplete", "browsed":
		r.Completion = attempt.CompletionIncomplete
	case "not attempted":
		r.Completion = attempt.CompletionNotAttempted
	}
	r.Score = scoreAt(state, "cmi.core.score")
	if s := r.Score; s != nil && s.Raw != nil {
		s.Scaled = scaled12(*s)
	}
	if seconds, ok := parseTimespan(state["cmi.core.total_time"]); ok {
		r.TotalSeconds = seconds
	} else if seconds, ok := parseTimespan(state["cmi.core.session_time"]); ok {
		r.TotalSeconds = seconds // the first session, not yet totalled
	}
	return r
}

// scaled12 is where the raw score lies between minimum and maximum, 0–1. SCORM 1.2 scores are normalized, so 0 and 100 are what
// was not said (RTE 3.4.4, cmi.core.score.raw). nil: it lies outside them, or they are no range.
func scaled12(s attempt.Score) *float64 {
	lowest, highest := 0.0, 100.0
	if s.Min != nil {
		lowest = *s.Min
	}
	if s.Max != nil {
		highest = *s.Max
	}
	if highest <= lowest || *s.Raw < lowest || *s.Raw > highest {
		return nil
	}
	return new((*s.Raw - lowest) / (highest - lowest))
}
