package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// schemaNode is what the JSON schema of client files says about a key. The
// properties keep their order, which is the one people read in.
type schemaNode struct {
	Description string            `json:"description"`
	Type        string            `json:"type"`
	Const       string            `json:"const"`
	Enum        []any             `json:"enum"`
	Default     any               `json:"default"`
	Examples    []any             `json:"examples"`
	Properties  orderedProperties `json:"properties"`
	Items       *schemaNode       `json:"items"`
	OneOf       []*schemaNode     `json:"oneOf"`
}

type property struct {
	name string
	*schemaNode
}

type orderedProperties []property

// UnmarshalJSON reads an object in the order of its keys.
func (o *orderedProperties) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil { // {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("properties: %v where a name belongs", key)
		}
		node := &schemaNode{}
		if err := decoder.Decode(node); err != nil {
			return err
		}
		*o = append(*o, property{name, node})
	}
	return nil
}

// get is the property of that name, nil without one.
func (o orderedProperties) get(name string) *schemaNode {
	for _, p := range o {
		if p.name == name {
			return p.schemaNode
		}
	}
	return nil
}

// sample is a value to show for a key that is not set: its default, or one that
// would be accepted.
func (n *schemaNode) sample() any {
	switch {
	case n.Default != nil:
		return n.Default
	case len(n.Examples) > 0:
		return n.Examples[0]
	case len(n.Enum) > 0:
		return n.Enum[0]
	case n.Type == "array" && n.Items != nil:
		return []any{n.Items.sample()}
	case n.Type == "boolean":
		return false
	case n.Type == "integer" || n.Type == "number":
		return 1
	case n.Type == "object":
		return map[string]any{}
	}
	return ""
}
