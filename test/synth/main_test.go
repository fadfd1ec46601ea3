// Package synth_test holds every test that starts the jsii kernel: one kernel,
// one synth per case, never in parallel (jsii calls are not safe in parallel).
package synth_test

import (
	"log"
	"os"
	"syscall"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

// TestMain switches the CDK's built-in validation off, which costs seconds a synth;
// TestValidationIsClean runs it where it matters, on whole clients. The kernel reads
// the environment when the process starts, before any code of ours, hence the exec.
func TestMain(m *testing.M) {
	if os.Getenv("CDK_VALIDATION") != "false" {
		jsii.Close()
		err := os.Setenv("CDK_VALIDATION", "false")
		if err == nil {
			err = syscall.Exec(os.Args[0], os.Args, os.Environ())
		}
		log.Fatalf("starting %s again: %v", os.Args[0], err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}
