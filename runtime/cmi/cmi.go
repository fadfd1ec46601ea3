// Package cmi is the data models of SCORM 1.2 and SCORM 2004: which elements there are, what values they take, and what a
// state of them means as a result. Pure: no I/O.
package cmi

import (
	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

// Limits bound what an attempt may keep.
type Limits struct {
	SuspendData int // characters; 0: the standard's own
}

// Check says what is wrong with a state, all at once: unknown elements, values outside their vocabulary or format, gaps
// in collections, sizes. nil: nothing. Read-only elements the player sends along are checked too.
func Check(s content.Standard, state map[string]string, l Limits) []fault.Field { return nil }

// ResultOf reads completion, success, score, progress and time from a state that passed Check.
func ResultOf(s content.Standard, state map[string]string) attempt.Result { return attempt.Result{} }
