package iam

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// resolve replaces the intrinsic functions of a value by what they are in the pretended account. One that is not known is
// an error: an ARN that is guessed would prove nothing.
func (s *stack) resolve(value any) (any, error) {
	switch v := value.(type) {
	case []any:
		list := make([]any, len(v))
		for i, child := range v {
			var err error
			if list[i], err = s.resolve(child); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return s.function(name, argument)
				}
			}
		}
		object := map[string]any{}
		for key, child := range v {
			var err error
			if object[key], err = s.resolve(child); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return value, nil
}

func (s *stack) function(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return s.reference(argument.(string))
	case "Fn::GetAtt":
		list := argument.([]any)
		return s.attribute(list[0].(string), list[1].(string))
	case "Fn::GetStackOutput":
		return s.output(argument.(map[string]any))
	case "Fn::Join":
		list := argument.([]any)
		return s.join(list[0].(string), list[1])
	case "Fn::Base64":
		text, err := s.resolve(argument)
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.EncodeToString([]byte(text.(string))), nil
	}
	return nil, fmt.Errorf("%s is a function that test/iam does not know", name)
}

func (s *stack) output(argument map[string]any) (any, error) {
	name, key := argument["StackName"].(string), argument["OutputName"].(string)
	producer, known := s.env.stacks[name]
	if !known {
		return nil, fmt.Errorf("there is no stack %s", name)
	}
	output, known := producer.Outputs[key]
	if !known {
		return nil, fmt.Errorf("stack %s has no output %s", name, key)
	}
	return producer.resolve(output.Value)
}

func (s *stack) join(separator string, values any) (any, error) {
	resolved, err := s.resolve(values)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, value := range resolved.([]any) {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("a join of %v, which is no text", value)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, separator), nil
}

func (s *stack) reference(id string) (any, error) {
	switch id {
	case "AWS::Partition":
		return "aws", nil
	case "AWS::Region":
		return s.region, nil
	case "AWS::AccountId":
		return s.env.Account, nil
	case "AWS::StackName":
		return s.name, nil
	}
	return s.attribute(id, "Ref")
}
