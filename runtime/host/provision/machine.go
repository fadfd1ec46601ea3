package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/host/redact"
)

// Machine is an instance that follows a recipe. Its methods are the steps.
type Machine struct {
	Root     string // directory that stands for /; empty: /
	Facts    facts.Facts
	System   string // as facts.System says
	Recipe   contract.Recipe
	Packages []string // of the distribution
	Commands command.Runner
	Log      *slog.Logger
	HTTP     *http.Client // for installers; nil: one without a limit but the step's
	// Secret reads the text of a secret of the configuration.
	Secret func(ctx context.Context, arn string) (string, error)
	// Locks are the fleet's; nil where there are none.
	Locks cache.Port

	// Patience is how long what the network is asked for is repeated, at least three times; zero: 2 min.
	Patience time.Duration
	// FirstPause is between the first two tries, each later one is twice as long, up to 15 s; zero: 1 s.
	FirstPause time.Duration
	// LockLife is how long others wait for an instance that died over a Once; zero: 30 s.
	LockLife time.Duration
	// LockPause is between two looks at whether the instance that holds the lock is done; zero: 2 s.
	LockPause time.Duration
	// MountInfo is where the kernel says what is mounted; empty: /proc/self/mountinfo.
	MountInfo string
	// Chown gives a file, not what it points to, to a user and group; nil: by the system call.
	Chown func(path string, uid, gid int) error

	started []string       // units that were started, in order
	secrets redact.Secrets // that no log may have
}

// path is where the file called name on the instance really is.
func (m *Machine) path(name string) string { return filepath.Join("/", m.Root, name) }

func or[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// permanent is an error that no repetition heals.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

const (
	tries      = 3
	pauseLimit = 15 * time.Second
)

// retry repeats try, each time for at most limit, until it succeeds, its error is permanent, or Patience is over.
func (m *Machine) retry(ctx context.Context, what string, limit time.Duration, try func(context.Context) error) error {
	start, pause := time.Now(), or(m.FirstPause, time.Second)
	for n := 1; ; n++ {
		limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it took longer than %s", limit))
		err := try(limited)
		cancel()
		if final := (permanent{}); err == nil || errors.As(err, &final) {
			return err
		}
		if n >= tries && time.Since(start)+pause > or(m.Patience, 2*time.Minute) {
			return fmt.Errorf("%s: gave up after %d tries in %s: %w", what, n, time.Since(start).Round(time.Millisecond), err)
		}
		m.Log.Warn("trying again", "what", what, "pause", pause.String(), "reason", m.secrets.Hide(err.Error()))
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: stopped: %w", what, err)
		case <-time.After(pause):
		}
		pause = min(2*pause, pauseLimit)
	}
}

// run runs a program as root, for at most limit.
func (m *Machine) run(ctx context.Context, limit time.Duration, name string, args ...string) (string, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it took longer than %s", limit))
	defer cancel()
	return m.Commands.Run(limited, command.Command{Name: name, Args: args})
}
