package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is a line of a table of what is sent or answered.
type field struct {
	Name, Type, Text string
	Must             string // required, always, or ""
}

const required = "required"

const deepest = 4 // levels of fields; what is below is in the OpenAPI document

// fields flattens a schema: a.b is the field b of the object a, a[].b that of the members of the list a.
// must is what is said of those that cannot be missing.
func (d *document) fields(s *schema, must string) []field {
	var list []field
	d.flatten(s, "", nil, &list)
	for i := range list {
		if list[i].Must != "" {
			list[i].Must = must
		}
	}
	return list
}

func (d *document) flatten(s *schema, prefix string, above []string, list *[]field) {
	s, name := d.resolve(s)
	if len(above) >= deepest || name != "" && slices.Contains(above, name) {
		return
	}
	if s.Items != nil {
		d.flatten(s.Items, prefix+"[]", above, list)
		return
	}
	above = append(above[:len(above):len(above)], name)
	names := make([]string, 0, len(s.Properties))
	for n := range s.Properties {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return before(a, b, s.Required) })
	for _, n := range names {
		if n == "$schema" {
			continue
		}
		p := s.Properties[n]
		at := strings.TrimPrefix(prefix+"."+n, ".")
		f := field{Name: at, Type: d.typeOf(p), Text: d.text(p)}
		if slices.Contains(s.Required, n) {
			f.Must = required
		}
		*list = append(*list, f)
		d.flatten(p, at, above, list)
	}
}

// before puts id first, and what is always there before what may be missing.
func before(a, b string, required []string) int {
	rank := func(n string) int {
		switch {
		case n == "id":
			return 0
		case slices.Contains(required, n):
			return 1
		}
		return 2
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

func (d *document) typeOf(s *schema) string {
	s, _ = d.resolve(s)
	if s.Items != nil {
		return "list of " + d.typeOf(s.Items)
	}
	t := strings.Join(s.types(), " or ")
	if t == "object" && s.Properties == nil {
		t = "map"
	}
	switch s.Format {
	case "date-time":
		t = "date and time"
	case "uuid":
		t = "UUID"
	case "":
	case "uri-reference":
		t = "URI reference"
	}
	if t == "" {
		return "anything"
	}
	return t
}

// text is the description with what values may be.
func (d *document) text(s *schema) string {
	about := s.Description
	s, _ = d.resolve(s)
	if about == "" {
		about = s.Description
	}
	parts := []string{}
	if about != "" {
		parts = append(parts, about)
	}
	enum := s.Enum
	if s.Items != nil {
		enum = append(enum, s.Items.Enum...)
	}
	if len(enum) > 0 && len(enum) <= 8 {
		var values []string
		for _, v := range enum {
			values = append(values, fmt.Sprintf("`%v`", v))
		}
		parts = append(parts, "One of "+strings.Join(values, ", ")+".")
	}
	if s.Default != nil {
		text, _ := json.Marshal(s.Default) // it came from JSON
		parts = append(parts, "Default `"+strings.Trim(string(text), `"`)+"`.")
	}
	if s.MaxLength != nil {
		parts = append(parts, "At most "+strconv.Itoa(*s.MaxLength)+" characters.")
	}
	if s.Minimum != nil && s.Maximum != nil {
		parts = append(parts, fmt.Sprintf("%s to %s.", decimal(*s.Minimum), decimal(*s.Maximum)))
	}
	return strings.Join(parts, " ")
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
