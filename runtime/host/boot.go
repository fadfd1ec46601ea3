package host

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/atomicfile"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/provision"
)

// Boot turns a fresh machine into a working instance. Every step may be run again on the same machine.
type Boot struct {
	Args contract.BootArgs
	AWS  aws.Config // with the region of Args
	Log  *slog.Logger

	Root          string        // directory that stands for /; empty: /
	ReadyURL      string        // asked until it answers 200; empty: contract.ReadyPath on the configured port
	ReadyDeadline time.Duration // zero: contract.ReadyDeadlineSeconds
	Patience      time.Duration // no call to AWS is repeated after this; zero: 1 min
	CABundleURL   string        // empty: DefaultCABundleURL
	HTTP          *http.Client  // for the bundle; nil: one with time limits

	Commands command.Runner // nil: command.System
	Locks    cache.Port     // of the fleet; nil: the configuration's
	// MountInfo is where the kernel says what is mounted; empty: /proc/self/mountinfo.
	MountInfo string
	// Chown gives files of a recipe to their owners; nil: the system call.
	Chown func(path string, uid, gid int) error
}

// step is one thing boot does.
type step struct {
	name string
	do   func(context.Context, *booting) error
}

// booting is what the steps learn.
type booting struct {
	instanceID string
	config     contract.Config
	document   []byte             // config as it was read
	unready    bool               // a unit was started and the instance is not ready yet
	machine    *provision.Machine // without a recipe where the runtime itself is the workload
	recipe     []byte             // as it was fetched
}

// begin are the steps that find out which the others are.
func (b *Boot) begin(*booting) []step {
	return []step{
		{"identify the instance", b.identify},
		{"read the configuration", b.readConfig},
	}
}

// work are the steps that make the instance what it should be.
func (b *Boot) work(s *booting) []step {
	if s.config.Recipe != (contract.RecipeSource{}) {
		return b.follow()
	}
	s.machine = &provision.Machine{Root: b.Root, Commands: b.Commands, Log: b.Log}
	return []step{
		{"create the user", b.createUser},
		{"write the configuration", b.writeConfig},
		{"download the database's certificate authorities", b.downloadCABundle},
		{"write the unit", b.writeUnit},
		{"start the unit", b.startUnit},
	}
}

// end are the steps that tell who waits.
func (b *Boot) end(*booting) []step {
	return []step{
		{"wait until ready", b.waitReady},
		{"complete the launch hook", b.continueLaunch},
		{"signal CloudFormation", b.signalSuccess},
	}
}

// Run runs the steps in order. When one fails, its reason is logged, CloudFormation gets FAILURE, the launch hook gets
// ABANDON, the units of an instance that did not get ready are stopped, and the error is returned.
func (b *Boot) Run(ctx context.Context) error {
	b.setDefaults()
	start := time.Now()
	var state booting
	for _, steps := range []func(*booting) []step{b.begin, b.work, b.end} {
		for _, s := range steps(&state) {
			if err := b.run(ctx, s, &state); err != nil {
				return err
			}
		}
	}
	b.Log.Info("boot done", "ms", time.Since(start).Milliseconds(), "revision", b.Args.Revision)
	return nil
}

func (b *Boot) run(ctx context.Context, s step, state *booting) error {
	began := time.Now()
	err := s.do(ctx, state)
	if err == nil {
		b.Log.Info("boot step done", "step", s.name, "ms", time.Since(began).Milliseconds())
		return nil
	}
	err = fmt.Errorf("boot: %s: %w", s.name, err)
	b.Log.Error("boot step failed", "step", s.name, "ms", time.Since(began).Milliseconds(), "reason", err)
	lasting := context.WithoutCancel(ctx)
	if state.unready {
		state.machine.LogUnits(lasting)
	}
	b.reportFailure(lasting, state)
	if state.unready {
		state.machine.Stop(lasting)
	}
	return err
}

func (b *Boot) setDefaults() {
	if b.Root == "" {
		b.Root = "/"
	}
	if b.ReadyDeadline == 0 {
		b.ReadyDeadline = contract.ReadyDeadlineSeconds * time.Second
	}
	if b.Patience == 0 {
		b.Patience = time.Minute
	}
	if b.CABundleURL == "" {
		b.CABundleURL = DefaultCABundleURL
	}
	if b.HTTP == nil {
		b.HTTP = &http.Client{Timeout: 30 * time.Second}
	}
	if b.Commands == nil {
		b.Commands = command.System{}
	}
}

// write replaces a file below Root in one go, so that nobody ever reads half of it. name is the path as seen on the
// instance; the result is where it really is.
func (b *Boot) write(name string, data []byte, mode os.FileMode) (string, error) {
	path := filepath.Join(b.Root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, atomicfile.Write(path, data, mode, nil)
}

// command runs a program of the operating system.
func (b *Boot) command(ctx context.Context, name string, args ...string) error {
	limited, cancel := context.WithTimeoutCause(ctx, commandLimit, fmt.Errorf("it took longer than %s", commandLimit))
	defer cancel()
	_, err := b.Commands.Run(limited, command.Command{Name: name, Args: args})
	return err
}

// commandLimit bounds programs that only look something up or write a line.
const commandLimit = time.Minute

// callLimit bounds one call to AWS or one download, the SDK's own retries included.
const callLimit = 30 * time.Second

// patiently repeats try with growing pauses until it succeeds, says that repeating is useless, or Patience is over. It
// covers what the SDK does not retry: a role or parameter that is so new that AWS does not know it everywhere.
func (b *Boot) patiently(ctx context.Context, try func(context.Context) (useless bool, err error)) error {
	start := time.Now()
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 15*time.Second) {
		limited, cancel := context.WithTimeout(ctx, callLimit)
		useless, err := try(limited)
		cancel()
		if err == nil || useless {
			return err
		}
		if time.Since(start)+pause > b.Patience {
			return fmt.Errorf("gave up after %s: %w", time.Since(start).Round(time.Millisecond), err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped: %w", err)
		case <-time.After(pause):
		}
	}
}
