package synth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

const replacements = "../replacement/replacements.mjs"

// impact is what a deployment would do to a resource that is more than an update.
type impact struct {
	Stack, ID, Type, Impact string
	Properties              []string
	Stateful                bool
}

// impacts asks the replacement analysis about two assemblies.
func impacts(t *testing.T, before, after environment) []impact {
	t.Helper()
	output, err := exec.Command("node", replacements, before.dir, after.dir, "--json").Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // something stateful is among them
	}
	require.NoError(t, err)
	var found []impact
	require.NoError(t, json.Unmarshal(output, &found))
	return found
}

func (i impact) String() string {
	return fmt.Sprintf("%s %s %s %s %v", i.Impact, i.Stack, i.ID, i.Type, i.Properties)
}

// createOnly are the properties of resource types whose change always replaces.
func createOnly(t *testing.T, types []string) map[string][]string {
	t.Helper()
	output, err := exec.Command("node", append([]string{replacements, "--create-only"}, types...)...).Output()
	require.NoError(t, err)
	var found map[string][]string
	require.NoError(t, json.Unmarshal(output, &found))
	return found
}

// TestReplacementIsSeen changes what a person might without knowing, and expects the
// analysis to name the stateful resource that would go.
func TestReplacementIsSeen(t *testing.T) {
	p := reference(t, "demo")
	before := build(t, p)
	require.Empty(t, impacts(t, before, build(t, p)), "the same plan replaces nothing")

	p.Database.Name = "renamed"
	var stateful []impact
	for _, i := range impacts(t, before, build(t, p)) {
		if i.Stateful {
			stateful = append(stateful, i)
		}
	}
	require.Len(t, stateful, 1)
	require.Equal(t, "AWS::RDS::DBInstance", stateful[0].Type)
	require.Equal(t, "WILL_REPLACE", stateful[0].Impact)
	require.Contains(t, stateful[0].Properties, "DBName")
}
