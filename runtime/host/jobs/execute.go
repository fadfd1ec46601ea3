package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/redact"
)

// What a command finds in its environment besides that of the workload.
const (
	EnvJob   = "LECTERN_JOB"
	EnvSlot  = "LECTERN_SLOT"  // RFC 3339, UTC
	EnvToken = "LECTERN_TOKEN" // decimal; higher for every later run of the job
)

// Why a command was stopped.
var (
	errLimit = errors.New("timeout")
	errDrain = errors.New("the instance is leaving")
	errLease = errors.New("the lease in the database could not be renewed")
	// errUnrecorded ends a turn: how a command ended could not be recorded.
	errUnrecorded = errors.New("jobs: an outcome could not be recorded")
)

const (
	// leaseRenewals in the life of a lease, when all goes well; the last part of its life is the margin in which the
	// command is killed.
	leaseRenewals = 5
	// recordWithin is how long an outcome is kept for a database that is away.
	recordWithin = 2 * time.Minute
	// recordHurry is the same when the host leaves.
	recordHurry = 10 * time.Second

	outputLines   = 100
	outputLine    = 2000 // bytes
	maxReasonSize = 300  // bytes
)

// execute runs the command of a slot that this host has claimed, and records how it ended. claimed is before the moment
// from which the lease counts. It is the lease that keeps others from beginning, so that a lock which is lost meanwhile
// (held ends), because the cache was restarted, costs no run.
func (t *turn) execute(held, staying context.Context, c claim, given surroundings, claimed time.Time) error {
	t.unsure = time.Time{}
	log := t.log.With("slot", c.slot.Format(time.RFC3339), "token", c.token)
	guard, err := newGuard()
	if err != nil {
		return err // the lease runs out; nothing was run
	}
	defer guard.end()
	run, stop := context.WithCancelCause(context.WithoutCancel(held))
	defer stop(nil)
	limit := time.AfterFunc(time.Duration(t.LimitSeconds)*time.Second, func() { stop(errLimit) })
	defer limit.Stop()
	defer context.AfterFunc(staying, func() {
		if t.o.DrainLimit > 0 {
			log.Info("the instance is leaving while a job runs", "limitSeconds", t.o.DrainLimit.Seconds())
		}
		if pause(run, t.o.DrainLimit) {
			stop(errDrain)
		}
	})()
	lose := func(why error) { // nobody else may begin while anything of it runs: there is no time to ask it to end
		stop(why)
		guard.kill()
	}
	leasing, leave := context.WithCancel(context.WithoutCancel(held))
	defer leave()
	go t.keepLease(leasing, c, claimed, lose)

	begun := time.Now()
	output, err := t.o.Commands.Run(run, guard.command(t.Job.Run, command.Command{Dir: t.o.Dir, User: t.o.User, Env: given.variables}))
	guard.kill() // what it left behind
	leave()
	o := judge(err, context.Cause(run), time.Since(begun).Round(time.Millisecond).Seconds())
	o.reason = given.secrets.Hide(o.reason)
	o.reason = strings.ToValidUTF8(o.reason[:min(len(o.reason), maxReasonSize)], "")
	limit.Stop()
	stop(nil)
	logOutput(log, given.secrets.Hide(output))
	t.report(log, o)
	t.o.Observe(t.Name, o.status == Succeeded, o.seconds)
	if o.status == Lost {
		t.o.ObserveLost(t.Name)
	}
	return t.record(held, staying, log, c, o)
}

// keepLease renews the lease until ctx ends. If it cannot, it calls lose early enough.
func (t *turn) keepLease(ctx context.Context, c claim, claimed time.Time, lose func(error)) {
	usual, hurry := t.o.Lease/leaseRenewals, min(t.o.Lease/20, time.Second)
	wait, safe := usual, claimed.Add(t.o.Lease-usual)
	var failed error
	for pause(ctx, min(wait, time.Until(safe))) {
		now := time.Now()
		if !now.Before(safe) {
			lose(errors.Join(errLease, failed))
			return
		}
		try, cancel := context.WithDeadline(ctx, safe)
		ours, err := t.records.renew(try, c, t.o.Lease)
		cancel()
		switch {
		case err != nil:
			if failed == nil && ctx.Err() == nil {
				t.complain(t.job, err)
			}
			wait, failed = hurry, err
		case !ours:
			lose(fmt.Errorf("%w: the run is no longer this instance's", errLease))
			return
		default:
			wait, safe, failed = usual, now.Add(t.o.Lease-usual), nil
		}
	}
}

// judge says how a command ended: err is its own end, cause why it was stopped if it was.
func judge(err, cause error, seconds float64) outcome {
	o := outcome{status: Succeeded, seconds: seconds}
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay): // the latter left something behind that kept its output open
		o.exit = new(0)
		return o
	case errors.As(err, &exit):
		status := exit.ExitCode()
		if s, ok := exit.Sys().(syscall.WaitStatus); ok && s.Signaled() {
			status = 128 + int(s.Signal()) // as shells do
			o.reason = exit.Error()
		}
		o.exit = &status
	default:
		o.reason = err.Error()
	}
	o.status = Failed
	switch {
	case errors.Is(cause, errLimit):
		o.reason = fmt.Sprintf("%s after %.0f s", errLimit, seconds)
	case errors.Is(cause, errDrain):
		o.status, o.reason = Stopped, cause.Error()
	case errors.Is(cause, errLease):
		o.status, o.reason = Lost, cause.Error()
	}
	return o
}

func (t *turn) report(log *slog.Logger, o outcome) {
	about := []any{"status", string(o.status), "seconds", o.seconds}
	if o.exit != nil {
		about = append(about, "exit", *o.exit)
	}
	if o.reason != "" {
		about = append(about, "reason", o.reason)
	}
	if o.status == Succeeded {
		log.Info("a job ran", about...)
		return
	}
	log.Error("a job did not succeed", about...)
}

// record records an outcome, for as long as that can be told from a run that was lost.
func (t *turn) record(held, staying context.Context, log *slog.Logger, c claim, o outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(held), recordWithin)
	defer cancel()
	defer context.AfterFunc(staying, func() { time.AfterFunc(recordHurry, cancel) })()
	for {
		ours, err := t.records.finish(ctx, c, o)
		if err == nil {
			if !ours {
				log.Error("the end of a job was not recorded: another instance took it for lost", "status", string(o.status))
			}
			t.cursor = c.slot.Add(time.Second)
			return nil
		}
		t.complain(t.job, err)
		if !pause(ctx, min(t.o.LockLife/10, time.Second)) {
			log.Error("the end of a job was not recorded; it will be taken for lost", "status", string(o.status), "error", err)
			return fmt.Errorf("%w: %w", errUnrecorded, err)
		}
	}
}

// surroundings are the environment of a command, as NAME=value, and what of it no log may have.
type surroundings struct {
	variables []string
	secrets   redact.Secrets
}

// environment of a command, from the file as it is at the moment.
func (t *turn) environment(c claim) (surroundings, error) {
	values := map[string]string{}
	if t.o.EnvironmentJSON != "" {
		text, err := os.ReadFile(t.o.EnvironmentJSON)
		if err != nil {
			return surroundings{}, fmt.Errorf("read the environment of jobs: %w", err)
		}
		if json.Unmarshal(text, &values) != nil {
			return surroundings{}, fmt.Errorf("read the environment of jobs: %s is not an object of texts", t.o.EnvironmentJSON)
		}
	}
	var s surroundings
	s.secrets.AddVariables(t.o.Variables, values)
	values[EnvJob], values[EnvSlot], values[EnvToken] = t.Name, c.slot.Format(time.RFC3339), fmt.Sprint(c.token)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		s.variables = append(s.variables, name+"="+values[name])
	}
	return s, nil
}

// logOutput logs the end of what a command printed, line by line.
func logOutput(log *slog.Logger, output string) {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	if over := len(lines) - outputLines; over > 0 {
		log.Info("output of a job is left out", "lines", over)
		lines = lines[over:]
	}
	for _, line := range lines {
		if line = strings.ToValidUTF8(strings.TrimRight(line, "\r"), "�"); line != "" {
			log.Info("output of a job", "line", line[:min(len(line), outputLine)])
		}
	}
}
