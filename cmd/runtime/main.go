// Command runtime is lectern-runtime, the service on every Lectern instance: a static binary without configuration of
// its own. It is the only place where the runtime's adapters are wired.
//
//	lectern-runtime boot     run once by user data: turn a fresh machine into a working instance
//	lectern-runtime serve    run by systemd: serve until told to stop
//	lectern-runtime host     run by systemd: serve in front of a workload that is not ours, and run its jobs
//	lectern-runtime environment
//	                         run by systemd: keep the environment of a workload that is not ours up to date
//	lectern-runtime jobs     what the jobs of the fleet did
//	lectern-runtime health   ask the instance how it is
//	lectern-runtime version  what this binary is
//	lectern-runtime tenant   make, list and erase tenants
//	lectern-runtime key      make a tenant's first key
//	lectern-runtime dev      the whole engine on a laptop, with a PostgreSQL of its own
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
)

func main() {
	// The heap is small and short-lived, so that collecting four times as seldom costs some MB and saves a tenth of the processor
	// while commits arrive.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	// The first signal asks to stop; after it the default is back, so a second one stops at once.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop)
	if err := newRoot(os.Stdout).ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "lectern-runtime:", err)
		os.Exit(1)
	}
}

func newRoot(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           contract.BinaryName,
		Short:         "The service on every Lectern instance",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(out)
	root.AddCommand(newServe(out), newDev(out), newTenant(out), newKey(out), newBoot(out), newHost(out), newEnvironment(out), newJobsCommand(out), newHealth(), newVersion())
	return root
}

// newLogger writes JSON lines, which the journal and CloudWatch take as they are.
func newLogger(out io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}))
}
