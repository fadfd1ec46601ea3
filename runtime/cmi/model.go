package cmi

import "github.com/lectern/lectern/runtime/attempt"

// valueType says what is wrong with a value that is not empty: "is not …; send …". "": nothing.
type valueType func(value string) string

// model is the data model of a standard.
type model struct {
	elements    map[string]valueType // by element, its indexes written n
	suspendData string               // the element
	suspendMax  int                  // characters, by the standard
	result      func(state map[string]string) attempt.Result
}
