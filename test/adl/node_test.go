package adl_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// node is the Node that package.json pins. The player's library has to be staged for it, as for a build.
func node(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "node_modules", ".bin", "node"))
	require.NoError(t, err)
	for name, remedy := range map[string]string{
		path: "run npm ci",
		filepath.Join("..", "..", "runtime", "player", "scorm-again", "scorm2004.min.js"): "run make scorm-again",
	} {
		if _, err := os.Stat(name); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is missing: %s", name, remedy)
			}
			t.Skipf("SKIPPED: %s is missing: %s", name, remedy)
		}
	}
	return path
}
