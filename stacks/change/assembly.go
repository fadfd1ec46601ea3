package change

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

// Assembly is what a synth left: stacks in the order in which they are deployed.
type Assembly struct {
	Stacks []*Stack
}

// Stack is one CloudFormation stack of an assembly.
type Stack struct {
	Name                  string
	Account, Region       string
	TerminationProtection bool
	// Policy is the stack policy beside the template, nil without one; PolicyFile is where it is.
	Policy     *Policy
	PolicyFile string
	// Template is what TemplateFile holds, in TemplateBytes bytes.
	Template      Template
	TemplateFile  string
	TemplateBytes int
	// DependsOn are the names of the stacks that are deployed before it.
	DependsOn []string
	// Assets is how many files and images are uploaded for it, beside the template.
	Assets int
	// raw is the template as it is on disk: the CDK CLI skips a stack whose template stays the same.
	raw string
}

// Template is the part of a CloudFormation template that is compared.
type Template struct {
	Resources map[string]*Resource
	Outputs   map[string]struct{ Value any }
}

// Resource is a resource of a template.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
	CreationPolicy      any
	UpdatePolicy        map[string]any
	Metadata            map[string]any
}

// Policy is a stack policy.
type Policy struct {
	Statement []struct {
		Effect   string
		Action   []string
		Resource []string
	}
}

// denies says whether an update action is denied for a logical id.
func (p *Policy) denies(action, id string) bool {
	if p == nil {
		return false
	}
	for _, s := range p.Statement {
		if s.Effect == "Deny" && slices.Contains(s.Action, action) && slices.Contains(s.Resource, "LogicalResourceId/"+id) {
			return true
		}
	}
	return false
}

// manifest is the part of manifest.json that is read.
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
type manifest struct {
	Artifacts map[string]struct {
		Type         string
		Environment  string // aws://account/region
		Dependencies []string
		Properties   struct {
			TemplateFile          string
			StackName             string
			TerminationProtection bool
			File                  string // of an asset manifest
		}
	}
}

const stackArtifact = "aws:cloudformation:stack"

// Read reads the stacks of a cloud assembly: a folder with manifest.json.
func Read(dir string) (*Assembly, error) {
	var m manifest
	switch err := readJSON(filepath.Join(dir, "manifest.json"), &m); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s has no manifest.json, so nothing was synthesized there; `make synth CLIENT=NAME` does", dir)
	case err != nil:
		return nil, err
	}
	stacks := map[string]*Stack{}
	for id, artifact := range m.Artifacts {
		if artifact.Type != stackArtifact {
			continue
		}
		account, region, _ := strings.Cut(strings.TrimPrefix(artifact.Environment, "aws://"), "/")
		s := &Stack{
			Name: cmp.Or(artifact.Properties.StackName, id), Account: account, Region: region,
			TerminationProtection: artifact.Properties.TerminationProtection,
		}
		if err := s.read(dir, artifact.Properties.TemplateFile); err != nil {
			return nil, err
		}
		if err := s.readDependencies(dir, m, artifact.Dependencies); err != nil {
			return nil, err
		}
		stacks[s.Name] = s
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("%s holds no stack; `make synth CLIENT=NAME` synthesizes some", dir)
	}
	return &Assembly{inOrder(stacks)}, nil
}

func (s *Stack) read(dir, file string) error {
	s.TemplateFile = filepath.Join(dir, file)
	content, err := os.ReadFile(s.TemplateFile)
	if err != nil {
		return fmt.Errorf("reading the template of %s: %w", s.Name, err)
	}
	if err := json.Unmarshal(content, &s.Template); err != nil {
		return fmt.Errorf("reading the template of %s: %w", s.Name, err)
	}
	s.raw, s.TemplateBytes = string(content), len(content)
	policy, path := Policy{}, filepath.Join(dir, s.Name+".stack-policy.json")
	switch err := readJSON(path, &policy); {
	case err == nil:
		s.Policy, s.PolicyFile = &policy, path
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}

// readDependencies tells the stacks and the assets among the artifacts that a stack depends on.
func (s *Stack) readDependencies(dir string, m manifest, ids []string) error {
	for _, id := range ids {
		switch other := m.Artifacts[id]; other.Type {
		case stackArtifact:
			s.DependsOn = append(s.DependsOn, cmp.Or(other.Properties.StackName, id))
		case "cdk:asset-manifest":
			n, err := countAssets(filepath.Join(dir, other.Properties.File), filepath.Base(s.TemplateFile))
			if err != nil {
				return err
			}
			s.Assets += n
		}
	}
	slices.Sort(s.DependsOn)
	return nil
}

// countAssets are the files and images of an asset manifest, but for the template.
func countAssets(path, template string) (int, error) {
	var assets struct {
		Files        map[string]struct{ Source struct{ Path string } }
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

// inOrder puts what a stack depends on before it, and otherwise goes by name.
func inOrder(stacks map[string]*Stack) []*Stack {
	var ordered []*Stack
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

// Only is the assembly with those stacks whose name keep accepts.
func (a *Assembly) Only(keep func(name string) bool) *Assembly {
	return &Assembly{slices.DeleteFunc(slices.Clone(a.Stacks), func(s *Stack) bool { return !keep(s.Name) })}
}

// stack is the stack of that name, nil without one.
func (a *Assembly) stack(name string) *Stack {
	i := slices.IndexFunc(a.Stacks, func(s *Stack) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return a.Stacks[i]
}

// position is the place of a stack in the order of deployment, -1 without one.
func (a *Assembly) position(name string) int {
	return slices.IndexFunc(a.Stacks, func(s *Stack) bool { return s.Name == name })
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
