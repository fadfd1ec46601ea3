package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// assembly is what synthesis wrote: the stacks in the order in which they are
// deployed.
type assembly struct {
	stacks []*stack
}

type stack struct {
	name, template, assets string // names of files in the assembly
	account, region        string
	terminationProtection  bool
	dependencies           []string // names of stacks
	acknowledged           map[string]map[string]string
	tree                   treeNode
	resources              map[string]resource
	outputs                map[string]map[string]any
	parameters             map[string]map[string]any
	description            any
}

type resource = map[string]any

// treeNode is a construct in tree.json.
type treeNode struct {
	Path          string
	ConstructInfo struct{ FQN string }
	Children      map[string]treeNode
	Attributes    map[string]any
}

func readAssembly(dir string) (assembly, error) {
	var manifest struct {
		Artifacts map[string]struct {
			Type, Environment string
			Properties        struct {
				TemplateFile          string
				StackName             string
				TerminationProtection bool
			}
			Dependencies           []string
			AdditionalMetadataFile string
		}
	}
	var tree struct{ Tree treeNode }
	if err := readJSON(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return assembly{}, err
	}
	if err := readJSON(filepath.Join(dir, "tree.json"), &tree); err != nil {
		return assembly{}, err
	}
	byName := map[string]*stack{}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type != "aws:cloudformation:stack" {
			continue
		}
		account, region, _ := strings.Cut(strings.TrimPrefix(artifact.Environment, "aws://"), "/")
		s := &stack{
			name: name, template: artifact.Properties.TemplateFile, assets: name + ".assets.json",
			account: account, region: region, terminationProtection: artifact.Properties.TerminationProtection,
			acknowledged: map[string]map[string]string{}, tree: tree.Tree.Children[name],
		}
		for _, d := range artifact.Dependencies {
			if manifest.Artifacts[d].Type == artifact.Type {
				s.dependencies = append(s.dependencies, d)
			}
		}
		if err := s.readTemplate(dir); err != nil {
			return assembly{}, err
		}
		if err := s.readAcknowledged(filepath.Join(dir, artifact.AdditionalMetadataFile)); err != nil {
			return assembly{}, err
		}
		byName[name] = s
	}
	return assembly{ordered(byName)}, nil
}

// ordered puts what is depended on first, by name otherwise.
func ordered(byName map[string]*stack) []*stack {
	var list []*stack
	var visit func(name string)
	visit = func(name string) {
		s := byName[name]
		if slices.Contains(list, s) {
			return
		}
		for _, d := range s.dependencies {
			visit(d)
		}
		list = append(list, s)
	}
	for _, name := range sortedKeys(byName) {
		visit(name)
	}
	return list
}

func (s *stack) readTemplate(dir string) error {
	var template struct {
		Description any
		Resources   map[string]resource
		Outputs     map[string]map[string]any
		Parameters  map[string]map[string]any
	}
	if err := readJSON(filepath.Join(dir, s.template), &template); err != nil {
		return err
	}
	s.description, s.resources, s.outputs, s.parameters = template.Description, template.Resources, template.Outputs, template.Parameters
	return nil
}

// readAcknowledged finds what the constructs accept of the CDK's validation, by path.
func (s *stack) readAcknowledged(path string) error {
	var metadata map[string][]struct {
		Type string
		Data json.RawMessage
	}
	if err := readJSON(path, &metadata); err != nil {
		return err
	}
	for construct, entries := range metadata {
		for _, e := range entries {
			if e.Type != "aws:cdk:acknowledged-rules" {
				continue
			}
			rules := map[string]string{}
			if err := json.Unmarshal(e.Data, &rules); err != nil {
				return fmt.Errorf("reading what %s acknowledges: %w", construct, err)
			}
			s.acknowledged[strings.TrimPrefix(construct, "/")] = rules
		}
	}
	return nil
}

// readJSON keeps numbers as they are written.
func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
