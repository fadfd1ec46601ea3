package workload_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
)

// A plan in JSON has [] or {} where a client file says nothing, whatever the workload.
func TestSettingsHaveNoNull(t *testing.T) {
	for _, kind := range workload.Names() {
		settings, _, _ := workload.For(parse(t, "workload: "+kind+"\n"))
		content, err := json.Marshal(settings)
		require.NoError(t, err)
		require.NotContains(t, string(content), "null", kind)
	}
}

// Secrets have names of their own, and lists of needs say what exists.
func TestNeedsOfDefaultSettings(t *testing.T) {
	reserved := []string{"database", "cache", "locks", "objectStore"}
	for name, settings := range workload.Kinds() {
		seen := map[string]bool{}
		for _, secret := range settings().Needs().Secrets {
			require.Regexp(t, `^[a-z][a-z0-9-]*$`, secret.Name, name)
			require.NotContains(t, reserved, secret.Name, "%s: a recipe would ask for another secret by that name", name)
			require.False(t, seen[secret.Name], "%s: %s is there twice", name, secret.Name)
			require.NotEmpty(t, secret.Description, name)
			seen[secret.Name] = true
		}
	}
}
