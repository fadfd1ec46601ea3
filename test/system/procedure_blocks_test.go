//go:build system

package system_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// procedure is a document of docs/procedures: the commands of its console blocks, by the
// heading they stand under. The commands before the first heading are left out: there
// people set what is theirs.
type procedure map[string][]string

func readProcedure(t *testing.T, name string) procedure {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root(t), "docs", "procedures", name))
	require.NoError(t, err)
	p := procedure{}
	heading, inside := "", false
	for line := range strings.Lines(string(content)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside && strings.HasPrefix(line, "```console")
		case !inside && strings.HasPrefix(line, "## "):
			heading = strings.TrimPrefix(line, "## ")
		case inside && heading != "" && strings.HasPrefix(line, "$ "):
			p[heading] = append(p[heading], strings.TrimPrefix(line, "$ "))
		}
	}
	return p
}

// run runs what stands under a heading with bash, which stops at the first command that fails.
func (k *toolkit) runProcedure(t *testing.T, p procedure, heading string, variables ...string) (string, error) {
	t.Helper()
	require.NotEmpty(t, p[heading], "the document has no commands under %q", heading)
	command := exec.Command("bash", "-euo", "pipefail", "-c", strings.Join(p[heading], "\n"))
	command.Dir = t.TempDir()
	command.Env = append(k.environment(t), variables...)
	output, err := command.CombinedOutput()
	return string(output), err
}
