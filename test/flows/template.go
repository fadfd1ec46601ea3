package flows

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Template is the part of a CloudFormation template that flows come from.
type Template struct {
	Resources map[string]Resource
	Outputs   map[string]Output
}

// Resource is a resource of a template.
type Resource struct {
	Type       string
	Properties map[string]any
}

// Output is an output of a template.
type Output struct{ Value any }

// Templates are those of one environment, by stack name.
type Templates map[string]Template

// Read adds the template in a file under its stack's name.
func (t Templates) Read(stack, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var template Template
	if err := json.Unmarshal(content, &template); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	t[stack] = template
	return nil
}

// node is a resource of an environment.
type node struct{ stack, id string }

func (n node) String() string { return n.stack + "/" + n.id }

// nodes are all resources of a type, or of all types, in order.
func (t Templates) nodes(types ...string) []node {
	var found []node
	for _, stack := range slices.Sorted(maps.Keys(t)) {
		for _, id := range slices.Sorted(maps.Keys(t[stack].Resources)) {
			if len(types) == 0 || slices.Contains(types, t[stack].Resources[id].Type) {
				found = append(found, node{stack, id})
			}
		}
	}
	return found
}

func (t Templates) at(n node) Resource { return t[n.stack].Resources[n.id] }

// target is the resource that a value of a stack's template refers to: Ref,
// Fn::GetAtt, or Fn::GetStackOutput and whatever that output refers to.
func (t Templates) target(stack string, value any) (node, bool) {
	function, argument, ok := intrinsic(value)
	if !ok {
		return node{}, false
	}
	switch function {
	case "Ref":
		id, _ := argument.(string)
		_, known := t[stack].Resources[id]
		return node{stack, id}, known
	case "Fn::GetAtt":
		path, _ := argument.([]any)
		if len(path) == 0 {
			return node{}, false
		}
		id, _ := path[0].(string)
		_, known := t[stack].Resources[id]
		return node{stack, id}, known
	case "Fn::GetStackOutput":
		names, _ := argument.(map[string]any)
		producer, _ := names["StackName"].(string)
		output, _ := names["OutputName"].(string)
		o, known := t[producer].Outputs[output]
		if !known {
			return node{}, false
		}
		return t.target(producer, o.Value)
	}
	return node{}, false
}

// targets are those of a list, or of a single value.
func (t Templates) targets(stack string, value any) []node {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var found []node
	for _, v := range list {
		if n, ok := t.target(stack, v); ok {
			found = append(found, n)
		}
	}
	return found
}

// everything that a value refers to, at any depth.
func (t Templates) everything(stack string, value any) []node {
	if n, ok := t.target(stack, value); ok {
		return []node{n}
	}
	var found []node
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(found, t.everything(stack, v[key])...)
		}
	case []any:
		for _, child := range v {
			found = append(found, t.everything(stack, child)...)
		}
	}
	return found
}

func intrinsic(value any) (string, any, bool) {
	m, ok := value.(map[string]any)
	if !ok || len(m) != 1 {
		return "", nil, false
	}
	for function, argument := range m {
		return function, argument, true
	}
	return "", nil, false
}

// text is a property that is a string.
func (r Resource) text(property string) string {
	s, _ := r.Properties[property].(string)
	return s
}

// number is a property that is a number, or fallback where it is not stated.
// CloudFormation takes numbers as text too.
func (r Resource) number(property string, fallback int) int {
	return number(r.Properties[property], fallback)
}

func number(value any, fallback int) int {
	switch v := value.(type) {
	case float64:
		return int(v)
	case string:
		var n int
		if _, err := fmt.Sscanf(v, "%d", &n); err == nil {
			return n
		}
	}
	return fallback
}
