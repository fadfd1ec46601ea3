package cmi

import (
	"strconv"
	"strings"
)

// maxIndex bounds an index, and with it how many records a collection has. SCORM 2004 requires 250 interactions; content that
// journals every click goes far beyond.
const maxIndex = 9_999

// element is a parsed element name: cmi.interactions.2.objectives.0.id has the pattern cmi.interactions.n.objectives.n.id.
type element struct {
	pattern string
	records []record
}

// record is one record of a collection that an element belongs to: cmi.interactions and 2, cmi.interactions.2.objectives and 0.
type record struct {
	collection string
	index      int
}

// parseElement reads a name. Indexes have no sign, no leading zero and are at most maxIndex; anything else stays in the
// pattern, which then is unknown.
func parseElement(name string) element {
	// The target of adl.nav.request_valid.choice.{target=…} may hold dots (SCORM 2004 SN 5.6.3).
	if i := strings.Index(name, ".{target="); i >= 0 && strings.HasSuffix(name, "}") {
		return element{pattern: name[:i] + ".{target}"}
	}
	parts := strings.Split(name, ".")
	var e element
	for i, part := range parts {
		if n, ok := parseIndex(part); ok {
			e.records = append(e.records, record{collection: strings.Join(parts[:i], "."), index: n})
		}
	}
	for i, part := range parts {
		if _, ok := parseIndex(part); ok {
			parts[i] = "n"
		}
	}
	e.pattern = strings.Join(parts, ".")
	return e
}

func parseIndex(s string) (int, bool) {
	if s == "" || len(s) > 4 || s[0] == '0' && s != "0" {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 16)
	return int(n), err == nil && n <= maxIndex
}
