// Package fault is the one kind of error that may be shown to whoever asked. Every other error is internal: it is
// logged, and the asker learns only that something went wrong.
package fault

import (
	"errors"
	"fmt"
)

// Code says what kind of fault it is. Adapters translate it, e.g. to an HTTP status.
type Code string

// Codes.
const (
	Invalid      Code = "invalid"      // what was sent cannot be accepted as it is
	Unauthorized Code = "unauthorized" // no valid key, token or link
	Forbidden    Code = "forbidden"    // a valid key, but not for this
	NotFound     Code = "not-found"    // no such thing in this tenant
	Conflict     Code = "conflict"     // it does not fit the present state
	Gone         Code = "gone"         // a link or launch that was valid once
	TooLarge     Code = "too-large"    // over a limit of size
	TooMany      Code = "too-many"     // over a limit of rate or number
	Unavailable  Code = "unavailable"  // try again later; nothing was changed
)

// Error is a fault with a sentence for a person. Message holds no secret and no personal data.
type Error struct {
	Code    Code
	Reason  string // which case of the code, where programs must tell them apart, e.g. quota; "": the code says it all
	Message string
	Fields  []Field // what is wrong where, if Code is Invalid
}

// Field is one thing wrong with what was sent.
type Field struct {
	Path    string // e.g. body.cmi["cmi.core.lesson_status"]
	Message string // what was found and what would do
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// New makes a fault.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because is a fault of this code, for a reason that adapters tell apart from others of the code.
func Because(reason string, code Code, format string, args ...any) *Error {
	e := New(code, format, args...)
	e.Reason = reason
	return e
}

// CodeOf is the code of the fault in err's tree, or "" if there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Is says whether err is a fault of this code.
func Is(err error, code Code) bool { return CodeOf(err) == code }
