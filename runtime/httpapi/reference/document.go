package reference

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// document is what the page needs of an OpenAPI document.
type document struct {
	Info struct{ Title, Version, Description string }
	Tags []struct{ Name, Description string }

	Servers    []struct{ URL string }
	Paths      map[string]map[string]*operation
	Webhooks   map[string]map[string]*operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID, Summary, Description string

	Tags        []string
	Parameters  []parameter
	RequestBody *body
	Responses   map[string]*body
	Security    []map[string][]string
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                *schema
	Example               any
}

type body struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct {
	Schema  *schema
	Example json.RawMessage
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any    // a name, or several
	Format      string
	Description string
	Enum        []any
	Default     any
	Minimum     *float64
	Maximum     *float64
	MinLength   *int
	MaxLength   *int

	Properties           map[string]*schema
	Required             []string
	Items                *schema
	AdditionalProperties any
}

func (d *document) resolve(s *schema) (*schema, string) {
	name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
	if s.Ref == "" || d.Components.Schemas[name] == nil {
		return s, ""
	}
	return d.Components.Schemas[name], name
}

// types are the names of a schema's types but null.
func (s *schema) types() (list []string) {
	switch t := s.Type.(type) {
	case string:
		list = []string{t}
	case []any:
		for _, one := range t {
			if name, ok := one.(string); ok && name != "null" {
				list = append(list, name)
			}
		}
	}
	return list
}

// example is the body's example as people read it, and its media type.
func (b *body) example() (text, kind string) {
	kinds := make([]string, 0, len(b.Content))
	for k := range b.Content {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		raw := b.Content[k].Example
		if len(raw) == 0 {
			return "", k
		}
		var plain string
		if json.Unmarshal(raw, &plain) == nil {
			return plain, k
		}
		var out bytes.Buffer
		if json.Indent(&out, raw, "", "  ") == nil {
			return out.String(), k
		}
	}
	return "", ""
}
