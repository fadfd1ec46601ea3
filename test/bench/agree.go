package main

import (
	"fmt"
	"reflect"
	"strings"
)

// Agreement is how far the floor makes what the app makes.
type Agreement struct {
	Clients   int `json:"clients"`
	Stacks    int `json:"stacks"`
	Resources int `json:"resources"`
	// EqualProperties of the resources are the same to the last value.
	EqualProperties int `json:"equalProperties"`
	// Different are logical ids whose properties are not, at most a few.
	Different []string `json:"different,omitempty"`
}

// agree compares two assemblies. That a stack or a resource is missing in either,
// or is of another type, is an error.
func agree(ours, theirs string) (Agreement, error) {
	a, err := readAssembly(ours)
	if err != nil {
		return Agreement{}, err
	}
	b, err := readAssembly(theirs)
	if err != nil {
		return Agreement{}, err
	}
	floor := byName(b)
	result := Agreement{Stacks: len(a.stacks)}
	if len(a.stacks) != len(b.stacks) {
		return result, fmt.Errorf("the app makes %d stacks and the floor %d", len(a.stacks), len(b.stacks))
	}
	app := byName(a)
	for _, s := range a.stacks {
		other, ok := floor[s.name]
		if !ok {
			return result, fmt.Errorf("the floor has no stack %s", s.name)
		}
		if len(s.resources) != len(other.resources) {
			return result, fmt.Errorf("stack %s: the app makes %d resources and the floor %d", s.name, len(s.resources), len(other.resources))
		}
		for _, id := range sortedKeys(s.resources) {
			r, o := s.resources[id], other.resources[id]
			if o == nil || r["Type"] != o["Type"] {
				return result, fmt.Errorf("stack %s: %s is %v in the app and %v in the floor", s.name, id, r["Type"], o["Type"])
			}
			result.Resources++
			if reflect.DeepEqual(withoutOutputNames(r["Properties"], app), withoutOutputNames(o["Properties"], floor)) {
				result.EqualProperties++
			} else if len(result.Different) < 10 {
				result.Different = append(result.Different, strings.TrimPrefix(s.name+"/"+id, "lectern-"))
			}
		}
	}
	return result, nil
}

func byName(a assembly) map[string]*stack {
	m := map[string]*stack{}
	for _, s := range a.stacks {
		m[s.name] = s
	}
	return m
}

// withoutOutputNames replaces the output that a reference to another stack names by
// the output's value: names follow the construct's path, which the floor has not.
func withoutOutputNames(value any, stacks map[string]*stack) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutOutputNames(v[i], stacks)
		}
		return out
	case map[string]any:
		if g, ok := v["Fn::GetStackOutput"].(map[string]any); ok {
			producer := fmt.Sprint(g["StackName"])
			if s := stacks[producer]; s != nil {
				return map[string]any{"stack": producer, "region": g["Region"], "output": s.outputs[fmt.Sprint(g["OutputName"])]["Value"]}
			}
		}
		out := map[string]any{}
		for key := range v {
			out[key] = withoutOutputNames(v[key], stacks)
		}
		return out
	}
	return value
}
