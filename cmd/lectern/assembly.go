package main

import (
	"strings"

	"github.com/lectern/lectern/stacks/change"
)

// stack is what an assembly says about one CloudFormation stack.
type stack struct {
	Name                  string   `json:"name"`
	Client                string   `json:"client"`
	Account               string   `json:"account"`
	Region                string   `json:"region"`
	TerminationProtection bool     `json:"terminationProtection"`
	Resources             int      `json:"resources"`
	Kept                  int      `json:"kept"` // resources with DeletionPolicy RetainExceptOnCreate or Snapshot
	Assets                int      `json:"assets"`
	Template              string   `json:"template"`
	TemplateBytes         int      `json:"templateBytes"`
	Policy                string   `json:"policy"` // file of the stack policy, empty without one
	DependsOn             []string `json:"dependsOn"`
}

// readAssembly reads the stacks of a cloud assembly, in the order of deployment.
func readAssembly(dir string) ([]stack, error) {
	assembly, err := change.Read(dir)
	if err != nil {
		return nil, err
	}
	var stacks []stack
	for _, s := range assembly.Stacks {
		kept := 0
		for _, r := range s.Template.Resources {
			if r.DeletionPolicy == "RetainExceptOnCreate" || r.DeletionPolicy == "Snapshot" {
				kept++
			}
		}
		stacks = append(stacks, stack{
			Name: s.Name, Client: clientOf(s.Name), Account: s.Account, Region: s.Region, TerminationProtection: s.TerminationProtection,
			Resources: len(s.Template.Resources), Kept: kept, Assets: s.Assets, Template: s.TemplateFile, TemplateBytes: s.TemplateBytes,
			Policy: s.PolicyFile, DependsOn: append([]string{}, s.DependsOn...),
		})
	}
	return stacks, nil
}

// clientOf is the client of a stack's name, lectern-CLIENT-KIND; empty for others.
func clientOf(stack string) string {
	rest, ok := strings.CutPrefix(stack, "lectern-")
	end := strings.LastIndex(rest, "-")
	if !ok || end < 0 {
		return ""
	}
	return rest[:end]
}
