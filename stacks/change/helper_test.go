package change_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// object is a piece of a template.
type object = map[string]any

// stack is a stack of a hand-made assembly.
type stack struct {
	resources object
	outputs   object
	protected bool
	after     []string // names of the stacks that it depends on
	policy    object
	region    string
}

// assembly writes stacks as cdk synth would, and reads them.
func assembly(t *testing.T, stacks map[string]stack) *change.Assembly {
	t.Helper()
	dir := t.TempDir()
	artifacts := object{}
	for name, s := range stacks {
		outputs := object{}
		for output, value := range s.outputs {
			outputs[output] = object{"Value": value}
		}
		write(t, filepath.Join(dir, name+".template.json"), object{"Resources": s.resources, "Outputs": outputs})
		if s.policy != nil {
			write(t, filepath.Join(dir, name+".stack-policy.json"), s.policy)
		}
		region := "eu-west-1"
		if s.region != "" {
			region = s.region
		}
		artifacts[name] = object{
			"type": "aws:cloudformation:stack", "environment": "aws://111122223333/" + region, "dependencies": s.after,
			"properties": object{"templateFile": name + ".template.json", "stackName": name, "terminationProtection": s.protected},
		}
	}
	write(t, filepath.Join(dir, "manifest.json"), object{"artifacts": artifacts})
	a, err := change.Read(dir)
	require.NoError(t, err)
	return a
}

func write(t *testing.T, path string, value any) {
	t.Helper()
	content, err := json.Marshal(value)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

const one = "lectern-acme-app"

// compareOne compares two versions of one stack.
func compareOne(t *testing.T, before, after object) change.Report {
	t.Helper()
	return change.Compare(assembly(t, map[string]stack{one: {resources: before}}), assembly(t, map[string]stack{one: {resources: after}}))
}

// is a resource; policy is its DeletionPolicy and UpdateReplacePolicy, empty for none.
func is(resourceType, policy string, properties object) object {
	r := object{"Type": resourceType, "Properties": properties}
	if policy != "" {
		r["DeletionPolicy"], r["UpdateReplacePolicy"] = policy, policy
	}
	return r
}

func ref(id string) object { return object{"Ref": id} }

func attribute(id, name string) object { return object{"Fn::GetAtt": []any{id, name}} }

func output(stack, name string) object {
	return object{"Fn::GetStackOutput": object{"StackName": stack, "OutputName": name}}
}

// with is a copy of an object with one key set.
func with(o object, key string, value any) object {
	next := maps.Clone(o)
	next[key] = value
	return next
}

// find is what a report says about a resource.
func find(t *testing.T, r change.Report, id string) change.Change {
	t.Helper()
	all := r.Changes()
	i := slices.IndexFunc(all, func(c change.Change) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0, "nothing is said about %s: %v", id, all)
	return all[i]
}

// quiet asserts that nothing is said about a resource.
func quiet(t *testing.T, r change.Report, id string) {
	t.Helper()
	for _, c := range r.Changes() {
		require.NotEqual(t, id, c.ID, c)
	}
}

// commands of a report, in order.
func commands(r change.Report) []string {
	list := []string{}
	for _, s := range r.Deploy {
		list = append(list, s.Command)
	}
	return list
}
