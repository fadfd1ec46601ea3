package manifest

import (
	"slices"
	"strconv"
	"strings"
)

// boolean is an attribute of xs:boolean. Tools write True, too.
func (s source) boolean(r rule, e *element, name string, byDefault bool) bool {
	v, ok := e.attr(name)
	if !ok {
		return byDefault
	}
	switch strings.ToLower(v) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	s.report(r, e.line, "%s=%q of <%s> is neither true nor false; %t is taken.", name, v, e.name.Local, byDefault)
	return byDefault
}

// decimal is an attribute of a number from least to 1, as all of them are.
func (s source) decimal(r rule, e *element, name string, byDefault, least float64) float64 {
	v, ok := e.attr(name)
	if !ok {
		return byDefault
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !within(n, least, 1) {
		s.report(r, e.line, "%s=%q of <%s> is not a number from %v to 1; %v is taken.", name, v, e.name.Local, least, byDefault)
		return byDefault
	}
	return n
}

// within says whether a number is between bounds. NaN, which JSON cannot say, is between none.
func within(n, least, most float64) bool { return n >= least && n <= most }

// integer is an attribute of a number that is not negative; nil if there is none.
func (s source) integer(r rule, e *element, name string) *int {
	v, ok := e.attr(name)
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		s.report(r, e.line, "%s=%q of <%s> is not a whole number from 0; it is ignored.", name, v, e.name.Local)
		return nil
	}
	return &n
}

// choice is an attribute of a fixed vocabulary, in its own spelling. The first of the vocabulary is the default.
func (s source) choice(r rule, e *element, name string, vocabulary ...string) string {
	v, ok := e.attr(name)
	if !ok {
		return vocabulary[0]
	}
	if i := slices.IndexFunc(vocabulary, func(w string) bool { return strings.EqualFold(v, w) }); i >= 0 {
		return vocabulary[i]
	}
	s.report(r, e.line, "%s=%q of <%s> is not one of %s; %s is taken.", name, v, e.name.Local, strings.Join(vocabulary, ", "), vocabulary[0])
	return vocabulary[0]
}
