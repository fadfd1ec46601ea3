package synth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// compare is what deploying an environment over another would do.
func compare(t *testing.T, before, after environment) change.Report {
	t.Helper()
	was, err := change.Read(before.dir)
	require.NoError(t, err)
	is, err := change.Read(after.dir)
	require.NoError(t, err)
	return change.Compare(was, is)
}

// TestReplacementIsSeen changes what a person might without knowing, and expects the
// comparison to name the resource whose data would go.
func TestReplacementIsSeen(t *testing.T) {
	p := reference(t, "demo")
	before := build(t, p)
	same := compare(t, before, build(t, p))
	require.Empty(t, same.Stacks, "the same plan changes nothing")
	require.Empty(t, same.Deploy)

	p.Database.Name = "renamed"
	grave := compare(t, before, build(t, p)).Grave()
	require.Len(t, grave, 1)
	require.Equal(t, "AWS::RDS::DBInstance", grave[0].Type)
	require.Equal(t, "replaced", grave[0].Kind)
	require.Equal(t, change.LeftBehind, grave[0].Worst)
	var properties []string
	for _, f := range grave[0].Findings {
		properties = append(properties, f.Property)
	}
	require.Contains(t, properties, "DBName")
}

// TestTheSpecificationHasEveryType: a type that it does not have would be reported as
// unknown to whoever compares. The variations in testdata/features are covered too,
// whose resources the deltas name.
func TestTheSpecificationHasEveryType(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range referencePlans(t) {
		for _, template := range build(t, p).templates {
			for _, r := range template.Resources {
				seen[r.Type] = true
			}
		}
	}
	for _, added := range addedTypes(t) {
		seen[added] = true
	}
	require.Greater(t, len(seen), 50)
	for resourceType := range seen {
		require.True(t, change.Knows(resourceType), "%s: add its service to stacks/change/generate/spec.mjs, and run go generate ./stacks/change", resourceType)
	}
}
