package cmi

import "github.com/lectern/lectern/runtime/attempt"

// resultOf2004 reads a SCORM 2004 state. Thresholds of the manifest override what the content says of itself.
func resultOf2004(state map[string]string) attempt.Result {
	r := attempt.Result{
		Completion: completionOf(state),
		Success:    successOf(state),
		Score:      scoreAt(state, "cmi.score"),
		Progress:   number(state, "cmi.progress_measure"),
	}
	if seconds, ok := parseTimeinterval(state["cmi.total_time"]); ok {
		r.TotalSeconds = seconds
	} else if seconds, ok := parseTimeinterval(state["cmi.session_time"]); ok {
		r.TotalSeconds = seconds // the first session, not yet totalled
	}
	return r
}

// completionOf is cmi.completion_status as RTE 4.2.4.1 evaluates it: by the progress measure if there are one and a
// threshold, else as reported.
func completionOf(state map[string]string) attempt.Completion {
	threshold, progress := number(state, "cmi.completion_threshold"), number(state, "cmi.progress_measure")
	if threshold != nil && progress != nil {
		if *progress >= *threshold {
			return attempt.CompletionCompleted
		}
		return attempt.CompletionIncomplete
	}
	switch c := attempt.Completion(state["cmi.completion_status"]); c {
	case attempt.CompletionCompleted, attempt.CompletionIncomplete, attempt.CompletionNotAttempted:
		return c
	}
	return attempt.CompletionUnknown
}

// successOf is cmi.success_status as RTE 4.2.22.1 evaluates it: with a passing score, the scaled score alone decides, and
// without one it is unknown; else as reported.
func successOf(state map[string]string) attempt.Success {
	if passing := number(state, "cmi.scaled_passing_score"); passing != nil {
		switch scaled := number(state, "cmi.score.scaled"); {
		case scaled == nil:
			return attempt.SuccessUnknown
		case *scaled >= *passing:
			return attempt.SuccessPassed
		}
		return attempt.SuccessFailed
	}
	switch s := attempt.Success(state["cmi.success_status"]); s {
	case attempt.SuccessPassed, attempt.SuccessFailed:
		return s
	}
	return attempt.SuccessUnknown
}
