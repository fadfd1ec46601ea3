//go:build system

package system_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTemplatesAreClean reads every template of every reference client with cfn-lint's
// default rules: all errors and warnings. (The informational ones want Fn::Sub where the
// CDK writes Fn::Join, and where Fn::GetStackOutput would be refused.) An exception is the resource's own, in its metadata in
// the template, where its reason stands beside it.
func TestTemplatesAreClean(t *testing.T) {
	t.Parallel()
	nobody := &emulator{account: "111122223333", endpoint: "http://localhost:1"} // synth asks nobody
	for name, file := range referenceClients(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit := newToolkit(t, nobody, file.text("region"))
			a := kit.quickSynth(t, name, root(t)+"/config/clients")
			for _, s := range a.stacks {
				arguments := []string{"-c", "import cfnlint.runner as r; r.main()", "--regions", s.region, "--", s.template}
				command := exec.Command(python(t), arguments...)
				command.Env = environment(t)
				findings, err := command.CombinedOutput()
				require.NoError(t, err, "cfn-lint on %s (%s):\n%s", s.name, s.region, findings)
				t.Logf("%s: %d resources, clean", s.name, s.resources)
			}
		})
	}
}
