//go:build system

package system_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/docs/procedures"
)

// runProcedure runs what a document says for a status with bash, which stops at the first
// command that fails. The variables are what the document lets people set.
func (k *toolkit) runProcedure(t *testing.T, document procedures.Commands, status string, variables ...string) (string, error) {
	t.Helper()
	_, commands := document.Under(status)
	require.NotEmpty(t, commands, "the document has no commands for %s", status)
	command := exec.Command("bash", "-euo", "pipefail", "-c", strings.Join(commands, "\n"))
	command.Dir = t.TempDir()
	command.Env = append(k.environment(t), variables...)
	output, err := command.CombinedOutput()
	return string(output), err
}
