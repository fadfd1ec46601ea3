package change

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// A value of a template is compared in a form in which references are the same
// wherever they stand: {"Ref": "STACK/ID"}, {"Fn::GetAtt": ["STACK/ID", "ATTRIBUTE"]}.
// A reference to an output of another stack becomes what that output is, so that
// another name for the same output is no change.

const getStackOutput = "Fn::GetStackOutput"

// resolve is value in that form. A reference to an output that is not there stays one.
func (a *Assembly) resolve(s *Stack, value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = a.resolve(s, item)
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if reference, ok := a.reference(s, name, argument); ok {
					return reference
				}
			}
		}
		object := make(map[string]any, len(v))
		for key, item := range v {
			object[key] = a.resolve(s, item)
		}
		return object
	}
	return value
}

func (a *Assembly) reference(s *Stack, name string, argument any) (any, bool) {
	switch name {
	case "Ref":
		id, ok := argument.(string)
		switch {
		case !ok:
			return nil, false
		case id == "AWS::Region":
			return s.Region, true
		case id == "AWS::AccountId":
			return s.Account, true
		}
		return map[string]any{"Ref": s.Name + "/" + id}, true
	case "Fn::GetAtt":
		id, attribute, ok := attributeOf(argument)
		return map[string]any{"Fn::GetAtt": []any{s.Name + "/" + id, attribute}}, ok
	case "Fn::Sub":
		return a.substitution(s, argument)
	case getStackOutput:
		producer, output := outputOf(argument)
		if other := a.stack(producer); other != nil {
			if o, ok := other.Template.Outputs[output]; ok {
				return a.resolve(other, o.Value), true
			}
		}
		return map[string]any{getStackOutput: producer + "." + output}, true
	}
	return nil, false
}

func attributeOf(argument any) (id, attribute string, ok bool) {
	switch v := argument.(type) {
	case string:
		return strings.Cut(v, ".")
	case []any:
		if len(v) == 2 {
			id, isText := v[0].(string)
			attribute, isName := v[1].(string)
			return id, attribute, isText && isName
		}
	}
	return "", "", false
}

func outputOf(argument any) (stack, output string) {
	fields, _ := argument.(map[string]any)
	stack, _ = fields["StackName"].(string)
	output, _ = fields["OutputName"].(string)
	return stack, output
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9.]+)?\}`)

// substitution is Fn::Sub as Fn::Join, which holds references as others do. Variables
// of its own stay as they are.
func (a *Assembly) substitution(s *Stack, argument any) (any, bool) {
	text, ok := argument.(string)
	if !ok {
		return nil, false
	}
	var parts []any
	last := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, text[last:m[0]])
		key := s.Name + "/" + text[m[2]:m[3]]
		if m[4] < 0 {
			parts = append(parts, map[string]any{"Ref": key})
		} else {
			parts = append(parts, map[string]any{"Fn::GetAtt": []any{key, text[m[4]+1 : m[5]]}})
		}
		last = m[1]
	}
	return map[string]any{"Fn::Join": []any{"", append(parts, text[last:])}}, true
}

// reference is a resource that a value refers to. Attribute is empty for Ref.
type reference struct{ key, attribute string }

// references of a resolved value, in order.
func references(value any) []reference {
	var found []reference
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			found = append(found, references(item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			argument := v[name]
			if key, ok := argument.(string); ok && name == "Ref" && len(v) == 1 {
				found = append(found, reference{key: key})
				continue
			}
			if id, attribute, ok := attributeOf(argument); ok && name == "Fn::GetAtt" {
				found = append(found, reference{id, attribute})
				continue
			}
			found = append(found, references(argument)...)
		}
	}
	return found
}

// difference is a property that has another value.
type difference struct {
	path     string // with dots; an item that has a key or an index has it in brackets
	old, new any    // resolved; nil where there is none
	cause    string // key of the resource whose change changes the value, which reads the same
	perhaps  bool   // known only during the deployment
}

// property is the path without brackets, as the specification has it.
func (d difference) property() string { return brackets.ReplaceAllString(d.path, "") }

var brackets = regexp.MustCompile(`\[[^\]]*\]`)

// differences of two resolved values, down to the properties that differ.
func differences(path string, old, fresh any) []difference {
	if reflect.DeepEqual(old, fresh) {
		return nil
	}
	o, isObject := old.(map[string]any)
	n, both := fresh.(map[string]any)
	if isObject && both && !intrinsic(o) && !intrinsic(n) {
		var found []difference
		for _, key := range sortedKeys(o, n) {
			found = append(found, differences(join(path, key), o[key], n[key])...)
		}
		return found
	}
	if o, n, ok := keyed(old, fresh); ok {
		var found []difference
		for _, key := range sortedKeys(o, n) {
			found = append(found, differences(path+"["+key+"]", o[key], n[key])...)
		}
		return found
	}
	return []difference{{path: path, old: old, new: fresh}}
}

// intrinsic says whether an object is a function of CloudFormation.
func intrinsic(object map[string]any) bool {
	for key := range object {
		return len(object) == 1 && (key == "Ref" || strings.HasPrefix(key, "Fn::"))
	}
	return false
}

// keyed are two lists of {Key, Value} by key: tags, attributes of a load balancer.
func keyed(old, fresh any) (map[string]any, map[string]any, bool) {
	o, isList := old.([]any)
	n, both := fresh.([]any)
	if !isList || !both {
		return nil, nil, false
	}
	byKey := func(list []any) map[string]any {
		found := map[string]any{}
		for _, item := range list {
			object, _ := item.(map[string]any)
			key, ok := object["Key"].(string)
			if _, repeated := found[key]; !ok || repeated {
				return nil
			}
			found[key] = item
		}
		return found
	}
	before, after := byKey(o), byKey(n)
	return before, after, before != nil && after != nil
}

// at is the value at a path without brackets, nil where there is none.
func at(properties map[string]any, path string) any {
	var value any = properties
	for step := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[step]
	}
	return value
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func sortedKeys[V any](maps2 ...map[string]V) []string {
	all := map[string]bool{}
	for _, m := range maps2 {
		for key := range m {
			all[key] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// text is a value for people, on one line and not too long.
func text(value any) string {
	if value == nil {
		return "nothing"
	}
	s, ok := value.(string)
	if !ok {
		content, err := json.Marshal(short(value))
		if err != nil {
			return "?"
		}
		s = string(content)
	}
	const longest = 80
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}

// short is value with references as the names that people know.
func short(value any) any {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = short(item)
		}
		return list
	case map[string]any:
		if intrinsic(v) {
			if found := references(v); len(found) == 1 {
				return strings.TrimSuffix(found[0].key+"."+found[0].attribute, ".")
			}
		}
		object := map[string]any{}
		for key, item := range v {
			object[key] = short(item)
		}
		return object
	}
	return value
}
