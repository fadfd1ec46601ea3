//go:build system

package system_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTemplatesAreClean reads every template of every reference client with cfn-lint,
// informational rules included. An exception is the resource's own, in its metadata in
// the template, where its reason stands beside it.
func TestTemplatesAreClean(t *testing.T) {
	e := startEmulator(t, "111122223333") // synth asks for no account, but must not reach a real one
	for name, file := range referenceClients(t) {
		t.Run(name, func(t *testing.T) {
			kit := newToolkit(t, e, file.text("region"))
			a := kit.synth(t, name, root(t)+"/config/clients")
			for _, s := range a.stacks {
				arguments := []string{"-m", "cfnlint", "--include-checks", "I", "--regions", s.region, "--", s.template}
				command := exec.Command(python(t), arguments...)
				command.Env = environment(t)
				findings, err := command.CombinedOutput()
				require.NoError(t, err, "cfn-lint on %s (%s):\n%s", s.name, s.region, findings)
				t.Logf("%s: %d resources, clean", s.name, s.resources)
			}
		})
	}
}
