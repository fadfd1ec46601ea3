package cmi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lectern/lectern/runtime/fault"
)

// Hard limits of a state, whatever the standard says. An endpoint may have lower ones.
const (
	maxElements  = 50_000
	maxBytes     = 8 << 20
	maxNameBytes = 4_300 // adl.nav.request_valid.choice.{target=…} with an identifier of 4,000
	maxProblems  = 100   // told at once; beyond, only their number
)

func (m *model) check(state map[string]string, l Limits) []fault.Field {
	bytes := 0
	for name, value := range state {
		bytes += len(name) + len(value)
	}
	if len(state) > maxElements || bytes > maxBytes {
		return []fault.Field{{Path: "body.cmi", Message: fmt.Sprintf("%d elements of %d bytes together; an activity may keep %d elements of %d bytes", len(state), bytes, maxElements, maxBytes)}}
	}
	var problems []fault.Field
	records := map[string]map[int]bool{}
	for _, name := range slices.Sorted(maps.Keys(state)) {
		value := state[name]
		e := parseElement(name)
		if message := m.checkElement(e.pattern, name, value, l); message != "" {
			problems = append(problems, fault.Field{Path: path(name), Message: message})
			continue
		}
		for _, r := range e.records {
			if records[r.collection] == nil {
				records[r.collection] = map[int]bool{}
			}
			records[r.collection][r.index] = true
		}
	}
	problems = append(problems, gaps(records)...)
	if more := len(problems) - maxProblems; more > 0 {
		problems = append(problems[:maxProblems], fault.Field{Path: "body.cmi", Message: fmt.Sprintf("and %d more", more)})
	}
	return problems
}

func (m *model) checkElement(pattern, name, value string, l Limits) string {
	if len(name) > maxNameBytes {
		return fmt.Sprintf("a name of %d bytes is not an element; the longest has %d", len(name), maxNameBytes)
	}
	typ, known := m.elements[pattern]
	if !known {
		if typ, known = m.keyword(pattern); !known {
			return "is not an element of the data model"
		}
	}
	switch {
	case value == "":
		return ""
	case strings.ContainsRune(value, 0) || !utf8.ValidString(value):
		return "holds a null character or text that is not UTF-8; neither can be kept"
	case pattern == m.suspendData:
		return m.checkSuspendData(value, l)
	}
	return typ(value)
}

// keyword is the type of _version, _children and _count (SCORM 1.2 RTE 3.4.3, SCORM 2004 RTE 4.1.1.4). _count is told of every
// collection, _children of everything that has elements below it.
func (m *model) keyword(pattern string) (valueType, bool) {
	parent, found := strings.CutSuffix(pattern, "._count")
	if found && m.hasBelow(parent+".n") {
		return integer(0, maxIndex+1), true
	}
	parent, found = strings.CutSuffix(pattern, "._children")
	if found && m.hasBelow(parent) {
		return text(4_096), true
	}
	return nil, false
}

func (m *model) hasBelow(parent string) bool {
	for name := range m.elements {
		if strings.HasPrefix(name, parent+".") {
			return true
		}
	}
	return false
}

func (m *model) checkSuspendData(value string, l Limits) string {
	limit := l.SuspendData
	if limit <= 0 {
		limit = m.suspendMax
	}
	if n := utf8.RuneCountInString(value); n > limit {
		return fmt.Sprintf("has %d characters, the course allows %d; raise its suspendDataLimit or send less", n, limit)
	}
	return ""
}

// gaps finds collections whose records do not count 0, 1, 2, … (SCORM 1.2 RTE 3.4.2.3, SCORM 2004 RTE 4.1.1.3): a record
// after a gap would be lost when the state is loaded again.
func gaps(records map[string]map[int]bool) []fault.Field {
	var problems []fault.Field
	for _, collection := range slices.Sorted(maps.Keys(records)) {
		for i := range len(records[collection]) {
			if !records[collection][i] {
				problems = append(problems, fault.Field{Path: path(collection), Message: fmt.Sprintf("has records beyond %d, but not that one; number them 0, 1, 2, … without a gap", i)})
				break
			}
		}
	}
	return problems
}

// path is where an element stands in the request; a name that is too long to be one is cut.
func path(name string) string {
	const most = 128
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return fmt.Sprintf("body.cmi[%q]", name)
}
