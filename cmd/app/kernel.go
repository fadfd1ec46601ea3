package main

import (
	"os"

	"github.com/aws/jsii-runtime-go"
)

// closeKernel ends the CDK's process. jsii waits for it in two places, and the one that
// comes second says on standard error that the process "exited abnormally".
func closeKernel() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}
