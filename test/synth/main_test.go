// Package synth_test holds every test that starts the jsii kernel: one kernel,
// one synth per case, never in parallel (jsii calls are not safe in parallel).
package synth_test

import (
	"os"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	// The built-in validation pass costs seconds per synth; TestReference… runs
	// it where it matters, on whole clients.
	os.Setenv("CDK_VALIDATION", "false")
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}
