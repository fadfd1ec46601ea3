package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/workload"
)

// schema is a JSON schema, in the order in which people read it.
type schema struct {
	Dialect              string      `json:"$schema,omitempty"`
	Title                string      `json:"title,omitempty"`
	Description          string      `json:"description,omitempty"`
	Type                 string      `json:"type,omitempty"`
	Const                string      `json:"const,omitempty"`
	Enum                 []any       `json:"enum,omitempty"`
	Default              any         `json:"default,omitempty"`
	Examples             []any       `json:"examples,omitempty"`
	Pattern              string      `json:"pattern,omitempty"`
	MinLength            int         `json:"minLength,omitempty"`
	Minimum              *float64    `json:"minimum,omitempty"`
	Maximum              *float64    `json:"maximum,omitempty"`
	MultipleOf           float64     `json:"multipleOf,omitempty"`
	MinItems             int         `json:"minItems,omitempty"`
	MaxItems             int         `json:"maxItems,omitempty"`
	UniqueItems          bool        `json:"uniqueItems,omitempty"`
	Items                *schema     `json:"items,omitempty"`
	Properties           *properties `json:"properties,omitempty"`
	PropertyNames        *schema     `json:"propertyNames,omitempty"`
	AdditionalProperties any         `json:"additionalProperties,omitempty"`
	Required             []string    `json:"required,omitempty"`
	OneOf                []*schema   `json:"oneOf,omitempty"`
}

// Schema is the JSON schema of client files. root is the folder of package
// config.
func Schema(root string) ([]byte, error) {
	tree, err := client(root)
	if err != nil {
		return nil, err
	}
	s := schemaOf(tree)
	s.Dialect = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "Lectern client file"
	kinds, err := workloadSchema(root, tree)
	if err != nil {
		return nil, err
	}
	s.Properties.set("workload", kinds)
	s.Properties.get("reasons").PropertyNames = &schema{Enum: anys(config.WeakenablePaths())}
	s.Properties.get("reasons").AdditionalProperties = &schema{Type: "string", MinLength: config.MinReason}

	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		return nil, fmt.Errorf("encoding the schema: %w", err)
	}
	return out.Bytes(), nil
}

func schemaOf(n *node) *schema {
	s := &schema{Description: n.description, Default: n.fallback}
	switch n.kind {
	case reflect.Struct:
		s.Type, s.AdditionalProperties, s.Properties = "object", false, &properties{}
		for _, child := range n.children {
			s.Properties.set(child.name, schemaOf(child))
			if child.key.Required {
				s.Required = append(s.Required, child.name)
			}
		}
	case reflect.Slice:
		s.Type, s.Items = "array", schemaOf(n.item)
		s.MinItems, s.MaxItems, s.UniqueItems = n.key.MinItems, n.key.MaxItems, n.key.Unique
	case reflect.Map:
		s.Type, s.AdditionalProperties = "object", &schema{Type: "string"}
	case reflect.Bool:
		s.Type = "boolean"
	case reflect.Int:
		s.Type = "integer"
		s.bounds(n.key)
	case reflect.Float64:
		s.Type = "number"
		s.bounds(n.key)
	default:
		s.Type = "string"
		s.text(n.key)
	}
	return s
}

func (s *schema) bounds(key config.Key) {
	if key.Max > key.Min {
		s.Minimum, s.Maximum = new(key.Min), new(key.Max)
	}
	s.MultipleOf = key.Step
	s.Enum = anys(key.Numbers)
}

func (s *schema) text(key config.Key) {
	switch {
	case len(key.OneOf) > 0:
		s.Enum = anys(key.OneOf)
	case key.Pattern != nil:
		s.Pattern = key.Pattern.String() // what keys use means the same in ECMA-262
		s.Examples = []any{strings.Trim(key.Example, `"`)}
	default:
		s.MinLength = 1
	}
}

// workloadSchema is the name of a kind, or the kind with its settings.
func workloadSchema(root string, tree *node) (*schema, error) {
	s := &schema{OneOf: []*schema{{Type: "string", Enum: anys(workload.Names())}}}
	for _, child := range tree.children {
		if child.name == "workload" {
			s.Description = child.description
		}
	}
	for _, name := range workload.Names() {
		tree, err := settings(root, workload.Kinds()[name]())
		if err != nil {
			return nil, err
		}
		kind := schemaOf(tree)
		all := &properties{}
		all.set("kind", &schema{Const: name})
		for _, property := range kind.Properties.names {
			all.set(property, kind.Properties.get(property))
		}
		kind.Properties, kind.Required = all, append([]string{"kind"}, kind.Required...)
		s.OneOf = append(s.OneOf, kind)
	}
	return s, nil
}

func anys[T any](values []T) []any {
	var list []any
	for _, value := range values {
		list = append(list, value)
	}
	return list
}

// properties keeps the order of the types, which is the order of the reference.
type properties struct {
	names  []string
	values map[string]*schema
}

func (p *properties) get(name string) *schema { return p.values[name] }

func (p *properties) set(name string, s *schema) {
	if p.values == nil {
		p.values = map[string]*schema{}
	}
	if _, ok := p.values[name]; !ok {
		p.names = append(p.names, name)
	}
	p.values[name] = s
}

// MarshalJSON writes the properties in their order.
func (p *properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, name := range p.names {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		out.WriteByte(separator)
		var value bytes.Buffer
		encoder := json.NewEncoder(&value)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(p.values[name]); err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%q:%s", name, value.Bytes())
	}
	if len(p.names) == 0 {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
