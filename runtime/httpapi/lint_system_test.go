//go:build system

package httpapi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/httpapi"
)

// TestTheDocumentPassesTheLinters: redocly and spectral find nothing; what they shall not look for is in testdata, with reasons.
func TestTheDocumentPassesTheLinters(t *testing.T) {
	bin, err := filepath.Abs("../../node_modules/.bin")
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(bin, "redocly")); err != nil && os.Getenv("CI") != "true" {
		t.Skip("there are no linters; run: npm ci")
	}
	document := filepath.Join(t.TempDir(), "openapi.json")
	require.NoError(t, os.WriteFile(document, httpapi.Document("https://learn.example.org"), 0o600))
	for _, args := range [][]string{
		{"redocly", "lint", document, "--config", "testdata/redocly.yaml", "--max-problems", "1000"},
		{"spectral", "lint", document, "--ruleset", "testdata/spectral.yaml", "--fail-severity", "hint"},
	} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(bin, args[0]), args[1:]...)
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.NotContains(t, string(out), "warning", "a warning is a finding too")
	}
}
