package references

import (
	"encoding/json"
	"fmt"
	"os"
)

type template struct {
	Resources map[string]templateResource
	Outputs   map[string]struct{ Value any }
}

type templateResource struct {
	Type       string
	Properties map[string]any
}

func readTemplate(path string) (template, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return template{}, err
	}
	var t template
	if err := json.Unmarshal(content, &t); err != nil {
		return template{}, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// fingerprints tells whether a resource that another stack reads is still the same: a
// hash over its logical id, its type and its properties, in which each reference is the
// fingerprint of what it leads to, through as many stacks as there are.
type fingerprints struct {
	templates map[string]template // by stack name
	// counts: a property that counts and is updated in place makes consumers read again for
	// nothing; one that does not count and replaces the resource leaves them with what is gone.
	counts Counts
	known  map[string]string // by STACK.RESOURCE
}

// references are the fingerprints of the outputs that a resource reads.
func (f *fingerprints) references(r templateResource) (map[string]string, error) {
	found := map[string]string{}
	var walk func(value any) error
	walk = func(value any) error {
		switch v := value.(type) {
		case map[string]any:
			if read, ok := v["Fn::GetStackOutput"]; ok {
				stack, output := outputOf(read)
				fingerprint, err := f.output(stack, output)
				found[stack+"."+output] = fingerprint
				return err
			}
			for _, child := range v {
				if err := walk(child); err != nil {
					return err
				}
			}
		case []any:
			for _, child := range v {
				if err := walk(child); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err := walk(r.Properties)
	return found, err
}

func outputOf(read any) (stack, output string) {
	names, _ := read.(map[string]any)
	stack, _ = names["StackName"].(string)
	output, _ = names["OutputName"].(string)
	return stack, output
}

// output is the fingerprint of what an output's value comes from.
func (f *fingerprints) output(stack, output string) (string, error) {
	o, ok := f.templates[stack].Outputs[output]
	if !ok {
		return "", fmt.Errorf("it reads the output %s of %s, which is not there", output, stack)
	}
	value, err := f.resolve(stack, o.Value)
	if err != nil {
		return "", err
	}
	return short(value)
}

// resource is the fingerprint of a resource. Parameters and pseudo parameters are no resources and stay as they are.
func (f *fingerprints) resource(stack, id string) (any, error) {
	r, ok := f.templates[stack].Resources[id]
	if !ok {
		return id, nil
	}
	name := stack + "." + id
	if known, ok := f.known[name]; ok {
		return known, nil
	}
	properties := map[string]any{}
	for property, value := range r.Properties {
		if !f.counts(r.Type, property) {
			continue
		}
		resolved, err := f.resolve(stack, value)
		if err != nil {
			return nil, err
		}
		properties[property] = resolved
	}
	fingerprint, err := short([]any{name, r.Type, properties})
	f.known[name] = fingerprint
	return fingerprint, err
}

// resolve is a value with fingerprints in the place of references.
func (f *fingerprints) resolve(stack string, value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if id, ok := v["Ref"].(string); ok {
			return f.resource(stack, id)
		}
		if path, ok := v["Fn::GetAtt"].([]any); ok && len(path) > 0 {
			id, _ := path[0].(string)
			fingerprint, err := f.resource(stack, id)
			return []any{fingerprint, path[1:]}, err
		}
		if read, ok := v["Fn::GetStackOutput"]; ok {
			return f.output(outputOf(read))
		}
		resolved := map[string]any{}
		for key, child := range v {
			var err error
			if resolved[key], err = f.resolve(stack, child); err != nil {
				return nil, err
			}
		}
		return resolved, nil
	case []any:
		resolved := make([]any, len(v))
		for i, child := range v {
			var err error
			if resolved[i], err = f.resolve(stack, child); err != nil {
				return nil, err
			}
		}
		return resolved, nil
	}
	return value, nil
}

// short is the beginning of the SHA-256 of a value as JSON, whose keys Go sorts.
func short(value any) (string, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	return sha256Hex(content)[:16], nil
}
