// Package references makes sure that references between stacks cannot go stale.
//
// Fn::GetStackOutput is resolved when the consumer is created or updated, and neither
// the CDK CLI nor CloudFormation updates a stack whose template is the same. So every
// resource that reads an output of another stack carries, as metadata, a fingerprint of
// what that output comes from: the consumer's template changes when what it reads is
// made anew. It stands at the resource, because CloudFormation updates the metadata of a
// whole template only together with a resource.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/metadata-section-structure.html
package references

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/lectern/lectern/stacks/change"
)

// Key is the metadata of a resource that reads outputs of other stacks: a fingerprint
// of what each of them comes from, by STACK.OUTPUT.
const Key = "lectern:references"

// Counts says whether a property of a resource type is part of what a resource is.
type Counts func(resourceType, property string) bool

// WhatReplaces counts the properties whose change makes another resource or, though it stays the same, another attribute.
func WhatReplaces(resourceType, property string) bool {
	return change.MayReplace(resourceType, property) || slices.Contains(otherAttributes[resourceType], property)
}

// otherAttributes are properties whose change in place changes an attribute: the secret that RDS makes, the port.
var otherAttributes = map[string][]string{
	"AWS::RDS::DBCluster":  {"ManageMasterUserPassword", "MasterUserSecret", "Port"},
	"AWS::RDS::DBInstance": {"ManageMasterUserPassword", "MasterUserSecret", "Port"},
}

// Write adds the metadata to the templates in an assembly's folder, of the stacks of
// one environment. It works on the files, since what a reference leads to is known only
// once all stacks are resolved, and the CDK has no way to resolve them again that it
// recommends outside of tests (StageSynthesisOptions.Force).
func Write(dir string, stacks []string, counts Counts) error {
	f := fingerprints{templates: map[string]template{}, counts: counts, known: map[string]string{}}
	for _, stack := range stacks {
		t, err := readTemplate(filepath.Join(dir, stack+".template.json"))
		if err != nil {
			return err
		}
		f.templates[stack] = t
	}
	for _, stack := range stacks {
		if err := f.write(dir, stack); err != nil {
			return fmt.Errorf("%s: %w", stack, err)
		}
	}
	return nil
}

// write adds the metadata to one template. The CDK names the template's asset by its
// SHA-256, so the two files that mention it follow.
func (f *fingerprints) write(dir, stack string) error {
	path := filepath.Join(dir, stack+".template.json")
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	after, err := f.describe(stack, before)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	if err := os.WriteFile(path, after, 0o644); err != nil { //nolint:gosec // a file of the assembly that was just written
		return err
	}
	for _, name := range []string{stack + ".assets.json", "manifest.json"} {
		if err := rename(filepath.Join(dir, name), sha256Hex(before), sha256Hex(after)); err != nil {
			return err
		}
	}
	return nil
}

// rename replaces the name of an asset in a file that must mention it.
func rename(path, before, after string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(content, []byte(before)) {
		return fmt.Errorf("%s does not mention the template's asset %s", filepath.Base(path), before)
	}
	return os.WriteFile(path, bytes.ReplaceAll(content, []byte(before), []byte(after)), 0o644) //nolint:gosec // likewise
}

// describe is the text of a template with the metadata at each resource that reads another stack.
func (f *fingerprints) describe(stack string, text []byte) ([]byte, error) {
	var template, resources object
	if err := json.Unmarshal(text, &template); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(template.get("Resources"), &resources); err != nil {
		return nil, err
	}
	for i, r := range resources {
		references, err := f.references(f.templates[stack].Resources[r.key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.key, err)
		}
		if len(references) == 0 {
			continue
		}
		if resources[i].value, err = withMetadata(r.value, references); err != nil {
			return nil, err
		}
	}
	if err := template.set("Resources", resources); err != nil {
		return nil, err
	}
	raw, err := encode(template)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, raw, "", " ") // as the CDK does
	return out.Bytes(), err
}

func withMetadata(resource json.RawMessage, references map[string]string) (json.RawMessage, error) {
	var r, metadata object
	if err := json.Unmarshal(resource, &r); err != nil {
		return nil, err
	}
	if existing := r.get("Metadata"); existing != nil {
		if err := json.Unmarshal(existing, &metadata); err != nil {
			return nil, err
		}
	}
	if err := metadata.set(Key, references); err != nil {
		return nil, err
	}
	if err := r.set("Metadata", metadata); err != nil {
		return nil, err
	}
	return encode(r)
}

func sha256Hex(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
