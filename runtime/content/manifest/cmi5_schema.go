package manifest

import (
	"slices"
	"strings"
)

// part is a place in the sequence of children that the schema fixes.
type part struct {
	names    []string // any of these
	required bool
	many     bool
}

// courseSchema is what CourseStructure.xsd says about children (cmi5 13.2), by element; elements of other namespaces may stand anywhere.
func courseSchema() map[string][]part {
	one := func(name string) part { return part{names: []string{name}, required: true} }
	optional := func(name string) part { return part{names: []string{name}} }
	members := part{names: []string{"block", "au"}, required: true, many: true}
	return map[string][]part{
		"courseStructure": {one("course"), optional("objectives"), members},
		"course":          {one("title"), one("description")},
		"objectives":      {{names: []string{"objective"}, required: true, many: true}},
		"block":           {one("title"), one("description"), optional("objectives"), members},
		"au": {one("title"), one("description"), optional("objectives"), one("url"),
			optional("launchParameters"), optional("entitlementKey")},
		"title":       {{names: []string{"langstring"}, required: true, many: true}},
		"description": {{names: []string{"langstring"}, required: true, many: true}},
	}
}

// validate reports every element whose children are not what the schema says.
func (r *courseReader) validate(root *element) {
	schema := courseSchema()
	var walk func(e *element)
	walk = func(e *element) {
		if parts, ok := schema[e.name.Local]; ok {
			r.sequence(e, parts)
		}
		for _, c := range e.children {
			if c.name.Space == e.name.Space {
				walk(c)
			}
		}
	}
	walk(root)
}

func (r *courseReader) sequence(e *element, parts []part) {
	at := 0
	seen := make([]int, len(parts))
	for _, c := range e.children {
		if c.name.Space != e.name.Space {
			continue
		}
		i := slices.IndexFunc(parts, func(p part) bool { return slices.Contains(p.names, c.name.Local) })
		switch {
		case i < 0:
			r.report(cmi5Invalid, c.line, "<%s> does not belong into <%s>.", c.name.Local, e.name.Local)
			continue
		case i < at:
			r.report(cmi5Invalid, c.line, "<%s> stands after <%s>, and belongs before it.", c.name.Local, parts[at].names[0])
		case seen[i] > 0 && !parts[i].many:
			r.report(cmi5Invalid, c.line, "<%s> has a second <%s>.", e.name.Local, c.name.Local)
		}
		at = max(at, i)
		seen[i]++
	}
	for i, p := range parts {
		if p.required && seen[i] == 0 {
			r.report(cmi5Invalid, e.line, "<%s> has no <%s>.", e.name.Local, strings.Join(p.names, "> or <"))
		}
	}
}
