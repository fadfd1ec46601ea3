package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Role is an IAM role of an environment and what it may do.
type Role struct {
	env      *Environment
	thing    thing
	ARN      string
	Name     string
	Service  string   // whose principal assumes it: "ec2.amazonaws.com"
	Policies []Policy // inline and attached ones of the template
	Managed  []string // ARNs of AWS's own
	managed  []Policy // those, as far as named-calls.yaml knows them
	users    []thing  // resources that name the role
}

// Policy is a policy document, resolved.
type Policy struct {
	Name     string
	Document map[string]any
}

// String names the role without what CloudFormation makes up.
func (r Role) String() string { return r.env.Client + "/" + r.thing.id }

// roles are all of an environment.
func (e *Environment) roles() ([]Role, error) {
	var list []Role
	for _, t := range e.all("AWS::IAM::Role") {
		r, err := e.role(t)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", t, err)
		}
		list = append(list, r)
	}
	return list, nil
}

func (e *Environment) role(t thing) (Role, error) {
	r := Role{env: e, thing: t}
	var err error
	if r.ARN, err = t.stack.attribute(t.id, "Arn"); err != nil {
		return r, err
	}
	if r.Name, err = t.stack.attribute(t.id, "Ref"); err != nil {
		return r, err
	}
	trust, err := t.property("AssumeRolePolicyDocument")
	if err != nil {
		return r, err
	}
	if r.Service, err = trusted(trust); err != nil {
		return r, err
	}
	if err := r.policies(); err != nil {
		return r, err
	}
	for _, user := range e.all("") {
		if user.Type != "AWS::IAM::Policy" && mentions(user.Properties, t.id) && user.stack == t.stack {
			r.users = append(r.users, user)
		}
	}
	return r, nil
}

// trusted is the one service that a trust policy names.
func trusted(document any) (string, error) {
	for _, s := range statements(document) {
		if principal, ok := s["Principal"].(map[string]any); ok {
			if service, ok := principal["Service"].(string); ok {
				return service, nil
			}
		}
	}
	return "", fmt.Errorf("no service is trusted in %v", document)
}

func (r *Role) policies() error {
	inline, err := r.thing.property("Policies")
	if err != nil {
		return err
	}
	for _, p := range asList(inline) {
		policy := p.(map[string]any)
		r.Policies = append(r.Policies, Policy{policy["PolicyName"].(string), policy["PolicyDocument"].(map[string]any)})
	}
	managed, err := r.thing.property("ManagedPolicyArns")
	if err != nil {
		return err
	}
	for _, arn := range asList(managed) {
		r.Managed = append(r.Managed, arn.(string))
	}
	for _, t := range r.env.all("AWS::IAM::Policy") {
		names, err := t.property("Roles")
		if err != nil {
			return err
		}
		if !slices.Contains(asList(names), any(r.Name)) {
			continue
		}
		document, err := t.property("PolicyDocument")
		if err != nil {
			return err
		}
		r.Policies = append(r.Policies, Policy{t.id, document.(map[string]any)})
	}
	return nil
}

func asList(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func texts(value any) []string {
	var list []string
	for _, v := range asList(value) {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

func statements(document any) []map[string]any {
	object, _ := document.(map[string]any)
	var list []map[string]any
	for _, s := range asList(object["Statement"]) {
		list = append(list, s.(map[string]any))
	}
	return list
}

// mentions says whether a template's value refers to a logical id.
func mentions(value any, id string) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, func(child any) bool { return mentions(child, id) })
	case map[string]any:
		if v["Ref"] == id {
			return true
		}
		if list, ok := v["Fn::GetAtt"].([]any); ok && list[0] == id {
			return true
		}
		for _, child := range v {
			if mentions(child, id) {
				return true
			}
		}
	}
	return false
}

// shorten takes the account out of ARNs for people to read.
func shorten(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	return parts[2] + ":" + parts[5]
}
