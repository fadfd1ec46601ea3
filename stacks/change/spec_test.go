package change_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// TestTheSpecificationIsThatOfNodeModules fails with the types that differ from what
// @aws-cdk/aws-service-spec says.
func TestTheSpecificationIsThatOfNodeModules(t *testing.T) {
	fresh, err := exec.Command("node", "generate/spec.mjs").Output()
	require.NoError(t, err, "it takes node, and node_modules: make node_modules")
	stored, err := os.ReadFile("spec.json")
	require.NoError(t, err)
	want, got := lines(fresh), lines(stored)
	for line := range want {
		require.True(t, got[line], "go generate ./stacks/change adds %s", line)
	}
	for line := range got {
		require.True(t, want[line], "go generate ./stacks/change takes away %s", line)
	}
	require.Less(t, len(stored), 1<<20)
}

func lines(content []byte) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		found[strings.TrimRight(line, ",\n")] = true
	}
	return found
}

func TestCreateOnlyPropertiesOfTypes(t *testing.T) {
	require.Contains(t, change.CreateOnly("AWS::RDS::DBInstance"), "DBName")
	require.Contains(t, change.CreateOnly("AWS::ElastiCache::ReplicationGroup"), "NodeGroupConfiguration.Slots")
	require.Empty(t, change.CreateOnly("Acme::Odd::Thing"))
	require.True(t, change.Knows("AWS::WAFv2::WebACL"))
	require.False(t, change.Knows("Acme::Odd::Thing"))
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	_, err := change.Read(t.TempDir())
	require.ErrorContains(t, err, "has no manifest.json")
	empty := t.TempDir()
	write(t, empty+"/manifest.json", object{"artifacts": object{}})
	_, err = change.Read(empty)
	require.ErrorContains(t, err, "holds no stack")
	write(t, empty+"/manifest.json", object{"artifacts": object{"a": object{"type": "aws:cloudformation:stack", "properties": object{"templateFile": "gone.json"}}}})
	_, err = change.Read(empty)
	require.ErrorContains(t, err, "reading the template of a")
}
