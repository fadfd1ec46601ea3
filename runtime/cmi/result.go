package cmi

import "github.com/lectern/lectern/runtime/attempt"

// number is a reported number; nil: none.
func number(state map[string]string, name string) *float64 {
	if f, ok := parseReal(state[name]); ok {
		return &f
	}
	return nil
}

// scoreAt reads the elements below a score, e.g. cmi.core.score. nil: no score was reported. A minimum or maximum alone is none:
// APIs fill them in.
func scoreAt(state map[string]string, name string) *attempt.Score {
	s := attempt.Score{
		Scaled: number(state, name+".scaled"),
		Raw:    number(state, name+".raw"),
		Min:    number(state, name+".min"),
		Max:    number(state, name+".max"),
	}
	if s.Scaled == nil && s.Raw == nil {
		return nil
	}
	return &s
}
