package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// manifest is the part of manifest.json that is read here.
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
type manifest struct {
	Artifacts map[string]struct {
		Type         string   `json:"type"`
		Environment  string   `json:"environment"` // aws://account/region
		Dependencies []string `json:"dependencies"`
		Properties   struct {
			TemplateFile          string `json:"templateFile"`
			StackName             string `json:"stackName"`
			TerminationProtection bool   `json:"terminationProtection"`
			File                  string `json:"file"` // of an asset manifest
		} `json:"properties"`
	} `json:"artifacts"`
}

// readAssembly reads the stacks of a cloud assembly, in the order of deployment.
func readAssembly(dir string) ([]stack, error) {
	var m manifest
	switch err := readJSON(filepath.Join(dir, "manifest.json"), &m); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s has no manifest.json, so nothing was synthesized there; `make synth CLIENT=NAME` does", dir)
	case err != nil:
		return nil, err
	}
	stacks := map[string]stack{}
	for id, artifact := range m.Artifacts {
		if artifact.Type != "aws:cloudformation:stack" {
			continue
		}
		account, region, _ := strings.Cut(strings.TrimPrefix(artifact.Environment, "aws://"), "/")
		s := stack{
			Name:                  cmp.Or(artifact.Properties.StackName, id),
			Account:               account,
			Region:                region,
			TerminationProtection: artifact.Properties.TerminationProtection,
			Template:              filepath.Join(dir, artifact.Properties.TemplateFile),
			DependsOn:             []string{},
		}
		s.Client = clientOf(s.Name)
		for _, dependency := range artifact.Dependencies {
			switch other := m.Artifacts[dependency]; other.Type {
			case "aws:cloudformation:stack":
				s.DependsOn = append(s.DependsOn, cmp.Or(other.Properties.StackName, dependency))
			case "cdk:asset-manifest":
				assets, err := countAssets(filepath.Join(dir, other.Properties.File), artifact.Properties.TemplateFile)
				if err != nil {
					return nil, err
				}
				s.Assets += assets
			}
		}
		slices.Sort(s.DependsOn)
		if err := s.readTemplate(); err != nil {
			return nil, err
		}
		if policy := filepath.Join(dir, s.Name+".stack-policy.json"); exists(policy) {
			s.Policy = policy
		}
		stacks[s.Name] = s
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("%s holds no stack", dir)
	}
	return inOrder(stacks), nil
}

func (s *stack) readTemplate() error {
	content, err := os.ReadFile(s.Template)
	if err != nil {
		return fmt.Errorf("reading the template of %s: %w", s.Name, err)
	}
	var template struct {
		Resources map[string]struct{ DeletionPolicy string }
	}
	if err := json.Unmarshal(content, &template); err != nil {
		return fmt.Errorf("reading the template of %s: %w", s.Name, err)
	}
	s.TemplateBytes = len(content)
	s.Resources = len(template.Resources)
	for _, r := range template.Resources {
		if r.DeletionPolicy == "RetainExceptOnCreate" || r.DeletionPolicy == "Snapshot" {
			s.Kept++
		}
	}
	return nil
}

// countAssets are the files and images of an asset manifest, beside the template.
func countAssets(path, template string) (int, error) {
	var assets struct {
		Files map[string]struct {
			Source struct{ Path string }
		}
		DockerImages map[string]struct{}
	}
	if err := readJSON(path, &assets); err != nil {
		return 0, err
	}
	n := len(assets.DockerImages)
	for _, file := range assets.Files {
		if file.Source.Path != template {
			n++
		}
	}
	return n, nil
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

// inOrder puts what a stack depends on before it, and otherwise goes by name.
func inOrder(stacks map[string]stack) []stack {
	var ordered []stack
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		s, known := stacks[name]
		if !known || seen[name] {
			return
		}
		seen[name] = true
		for _, dependency := range s.DependsOn {
			visit(dependency)
		}
		ordered = append(ordered, s)
	}
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		visit(name)
	}
	return ordered
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the assembly: %w", err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
