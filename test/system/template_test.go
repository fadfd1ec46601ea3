//go:build system

package system_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// body is a template of the resources given, in short.
func body(t *testing.T, resources map[string]any, more ...map[string]any) string {
	t.Helper()
	document := map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
	for _, section := range more {
		maps.Copy(document, section)
	}
	content, err := json.Marshal(document)
	require.NoError(t, err)
	return string(content)
}

type object = map[string]any

func of(kind string, properties object, more ...object) object {
	described := object{"Type": kind, "Properties": properties}
	for _, attributes := range more {
		maps.Copy(described, attributes)
	}
	return described
}

var retain = object{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}

func ref(name string) object { return object{"Ref": name} }

func getAtt(name, attribute string) object { return object{"Fn::GetAtt": []string{name, attribute}} }

func stackOutput(stackName, region, output string) object {
	return object{"Fn::GetStackOutput": object{"StackName": stackName, "Region": region, "OutputName": output}}
}

// home is where the honesty tests' stacks live, unless they cross regions.
const home = "eu-west-1"

// create makes a stack; the answer is the error of a refused request, or "".
func (e *emulator) create(t *testing.T, region, name, template string) string {
	t.Helper()
	return e.cloudFormation(t, region, "CreateStack", map[string]string{"StackName": name, "TemplateBody": template})
}

func (e *emulator) update(t *testing.T, name, template string) string {
	t.Helper()
	return e.updateIn(t, home, name, template)
}

func (e *emulator) updateIn(t *testing.T, region, name, template string) string {
	t.Helper()
	return e.cloudFormation(t, region, "UpdateStack", map[string]string{"StackName": name, "TemplateBody": template})
}

// requireCreated makes a stack that has to succeed.
func (e *emulator) requireCreated(t *testing.T, region, name, template string) stack {
	t.Helper()
	require.Empty(t, e.create(t, region, name, template))
	made := e.stacks(t, region)[name]
	require.Equal(t, "CREATE_COMPLETE", made.Status, "%s: %v", name, e.failures(t, region, name))
	return made
}

// requireRolledBack makes a stack that has to fail, for a reason that says reason.
func (e *emulator) requireRolledBack(t *testing.T, name, template, reason string) {
	t.Helper()
	require.Empty(t, e.create(t, home, name, template))
	made := e.stacks(t, home)[name]
	require.Equal(t, "ROLLBACK_COMPLETE", made.Status)
	require.Contains(t, made.Reason, reason)
	for _, r := range e.resources(t) {
		require.False(t, r.Stack == name && r.State == "LIVE", "%s survived the roll-back of %s", r.LogicalID, name)
	}
}

// event is the first of a kind in the journal of one stack.
func (e *emulator) event(t *testing.T, stackName, event string) entry {
	t.Helper()
	for _, one := range e.journal(t, 0) {
		if one.Stack == stackName && one.Event == event {
			return one
		}
	}
	require.Fail(t, "nothing journalled", "no %s of %s in the journal", event, stackName)
	return entry{}
}
