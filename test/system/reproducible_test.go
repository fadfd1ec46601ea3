//go:build system

package system_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSynthIsTheSameAnywhere synthesizes every client in two fresh clones at different
// paths, each with its own build of the runtime, and compares the bytes.
func TestSynthIsTheSameAnywhere(t *testing.T) {
	cdk(t) // says how to get node_modules
	first := synthesizeClone(t, filepath.Join(t.TempDir(), "one"))
	second := synthesizeClone(t, filepath.Join(t.TempDir(), "another", "place"))

	templates, err := filepath.Glob(filepath.Join(first, "*.template.json"))
	require.NoError(t, err)
	require.NotEmpty(t, templates)
	for _, path := range templates {
		a, err := os.ReadFile(path)
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(second, filepath.Base(path)))
		require.NoError(t, err)
		require.Equal(t, string(a), string(b), filepath.Base(path))
	}
}

// synthesizeClone clones the committed state to a folder, builds there what cdk.json
// builds, runs the app as the CDK CLI does, and returns the assembly.
func synthesizeClone(t *testing.T, folder string) string {
	t.Helper()
	run := func(env []string, name string, args ...string) {
		t.Helper()
		command := exec.Command(name, args...)
		command.Env = environment(t, env...)
		if name != "git" {
			command.Dir = folder
		}
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s %v: %s", name, args, output)
	}
	run(nil, "git", "clone", "--quiet", root(t), folder)
	run(nil, "make", "runtime")
	run(nil, "go", "build", "-o", "build/app", "./cmd/app")

	assembly := filepath.Join(folder, "cdk.out")
	run([]string{"CDK_OUTDIR=" + assembly, "CDK_CONTEXT_JSON=" + contextFor(t, map[string]any{"client": "all"}), "CDK_VALIDATION=false"}, "build/app")
	return assembly
}

// contextFor is the context of cdk.json and more, as the app reads it.
func contextFor(t *testing.T, more map[string]any) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), "cdk.json"))
	require.NoError(t, err)
	var file struct{ Context map[string]any }
	require.NoError(t, json.Unmarshal(content, &file))
	maps.Copy(file.Context, more)
	context, err := json.Marshal(file.Context)
	require.NoError(t, err)
	return string(context)
}
