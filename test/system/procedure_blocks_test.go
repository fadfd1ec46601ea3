//go:build system

package system_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/docs/procedures"
)

// section runs what a document says for a status. The variables are what the document lets people set.
func (o *operator) section(t *testing.T, document procedures.Commands, status string, variables ...string) (string, error) {
	t.Helper()
	_, commands := document.Under(status)
	require.NotEmpty(t, commands, "the document has no commands for %s", status)
	return o.commands(t, strings.Join(commands, "\n"), variables...)
}

// commands runs lines with bash, which stops at the first that fails, in a folder of their own.
func (o *operator) commands(t *testing.T, lines string, variables ...string) (string, error) {
	t.Helper()
	command := exec.Command("bash", "-euo", "pipefail", "-c", lines)
	command.Dir = t.TempDir()
	path := "PATH=" + o.folder + string(os.PathListSeparator) + os.Getenv("PATH")
	command.Env = append(append(o.toolkit.environment(t), path), variables...)
	output, err := command.CombinedOutput()
	return string(output), err
}
