// Package cmi is the data models of SCORM 1.2 and SCORM 2004: which elements there are, what values they take, and what a
// state of them means as a result. Pure: no I/O.
//
// Each standard is a table (scorm12.go, scorm2004.go) from element to data type; an index is written n. A state is flat:
// element → value, with "" for what was never set, as the player's API renders it. Strict is what would corrupt data: unknown
// elements, values outside a vocabulary, format or range, gaps in a collection. Lenient are lengths: the standard's are smallest
// permitted maximums, which real content exceeds, so a value may be several times as long before it is refused. What the API in the browser takes is
// taken here too: a commit that is refused is lost.
package cmi

import (
	"fmt"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

// Limits bound what an attempt may keep.
type Limits struct {
	SuspendData int // characters; 0: the standard's own
}

// Check says what is wrong with a state, all at once: unknown elements, values outside their vocabulary or format, gaps
// in collections, sizes. nil: nothing. Read-only elements the player sends along are checked too. An empty value is an
// element that was never set. Paths read body.cmi["cmi.core.exit"]; no message repeats what a learner has written.
func Check(s content.Standard, state map[string]string, l Limits) []fault.Field {
	m, ok := models[s]
	if !ok {
		return []fault.Field{{Path: "body.cmi", Message: fmt.Sprintf("%q has no CMI data model; commit the state of a SCORM 1.2 or SCORM 2004 activity", s)}}
	}
	return m.check(state, l)
}

// ResultOf reads completion, success, score, progress and time from a state that passed Check. What cannot be read is as
// if it had not been reported.
func ResultOf(s content.Standard, state map[string]string) attempt.Result {
	if m, ok := models[s]; ok {
		return m.result(state)
	}
	return attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown}
}

// models are the standards that have a data model.
var models = map[content.Standard]*model{
	content.SCORM12:   &scorm12,
	content.SCORM2004: &scorm2004,
}
