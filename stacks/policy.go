package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// stackPolicy denies CloudFormation to replace or delete what the stack keeps even when it is replaced.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
type stackPolicy struct {
	Statement []stackPolicyStatement
}

type stackPolicyStatement struct {
	Effect    string
	Action    []string
	Principal string
	Resource  []string
}

// writePolicies writes STACK.stack-policy.json beside the template of every stateful
// stack in the assembly folder. The CDK has no place for a stack policy, so it is
// set once with `aws cloudformation set-stack-policy`.
func writePolicies(assembly string, environments []Environment) error {
	for _, e := range environments {
		for _, s := range e.plan.Stacks {
			if !s.Stateful {
				continue
			}
			if err := writePolicy(assembly, s.ID); err != nil {
				return fmt.Errorf("writing the stack policy of %s: %w", s.ID, err)
			}
		}
	}
	return nil
}

func writePolicy(assembly, stack string) error {
	content, err := os.ReadFile(filepath.Join(assembly, stack+".template.json"))
	if err != nil {
		return err
	}
	var template struct {
		Resources map[string]struct{ UpdateReplacePolicy string }
	}
	if err := json.Unmarshal(content, &template); err != nil {
		return err
	}
	var kept []string
	for id, r := range template.Resources {
		if r.UpdateReplacePolicy == "Retain" {
			kept = append(kept, "LogicalResourceId/"+id)
		}
	}
	slices.Sort(kept)
	policy, err := json.MarshalIndent(stackPolicy{[]stackPolicyStatement{
		{Effect: "Allow", Action: []string{"Update:*"}, Principal: "*", Resource: []string{"*"}},
		{Effect: "Deny", Action: []string{"Update:Replace", "Update:Delete"}, Principal: "*", Resource: kept},
	}}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(assembly, stack+".stack-policy.json"), append(policy, '\n'), 0o644)
}
