package host

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// SystemExec runs programs of the operating system.
type SystemExec struct{}

// Run implements Exec.
func (SystemExec) Run(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
