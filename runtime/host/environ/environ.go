// Package environ keeps the environment of a workload: it fills in the variables of the recipe, secrets among them, writes
// them where the workload's services, commands and jobs read them, and does so again when a secret has changed.
//
//	       every Interval, or soon after
//	       RefreshFile was touched
//	render ───────────────► same as before ──► wait
//	   │                └─► changed ──► write ──► restart or reload the services that asked for it ──► wait
//	   └─ Secrets Manager fails: what was written last stays ──► wait
//
// Only the first time is a failure final, and only when nothing was written before: then there is nothing to start a
// workload with. Values go into two files in memory that the workload's group may read, and nowhere else.
package environ

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/facts"
)

// Keeper writes the environment and keeps it up to date.
type Keeper struct {
	Recipe contract.Recipe
	Facts  facts.Facts
	// Read is the current text of the secret with this ARN.
	Read   func(ctx context.Context, arn string) (string, error)
	Runner command.Runner // for systemctl
	Log    *slog.Logger
	// Ready is called once, when the files are there for the first time; nil: nobody wants to know.
	Ready func() error

	Root     string        // directory that stands for /; empty: /
	UID, GID int           // of the workload, whose group may read the files; negative: whoever runs this
	Patience time.Duration // how long reading is repeated before the first write; zero: 1 min
	Interval time.Duration // between two readings; zero: 30 s
	Poll     time.Duration // between two looks at RefreshFile; zero: 500 ms
	// MinAge holds back a workload that touches RefreshFile again and again: each reading costs money. Zero: 5 s.
	MinAge time.Duration

	pending map[string]string // unit → systemctl's verb: what a change of content still asks for
}

// readLimit bounds one reading of all secrets, actionLimit one call of systemctl; stopping may take the workload's drain.
const (
	readLimit   = 20 * time.Second
	actionLimit = 5 * time.Minute
)

// Once writes the files and returns. Reading is repeated within Patience.
func (k *Keeper) Once(ctx context.Context) error {
	k.setDefaults()
	vars, err := k.first(ctx)
	if err != nil {
		return err
	}
	_, err = k.store(vars)
	return err
}

// Run writes the files, calls Ready, and keeps the files up to date until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	k.setDefaults()
	touched := k.touched()
	if err := k.begin(ctx); err != nil {
		return err
	}
	if k.Ready != nil {
		if err := k.Ready(); err != nil {
			return fmt.Errorf("tell systemd: %w", err)
		}
	}
	k.watch(ctx, touched)
	return nil
}

// begin is the first round. Files of an earlier run of this unit are good enough while Secrets Manager is away: a service
// that requires the unit must not stop because of it.
func (k *Keeper) begin(ctx context.Context) error {
	if !k.written() {
		return k.Once(ctx)
	}
	if err := k.round(ctx); err != nil {
		k.Log.Warn("keeping the environment of an earlier run", "reason", err)
	}
	return nil
}

// round reads, writes what has changed, and acts on services that a change concerns.
func (k *Keeper) round(ctx context.Context) error {
	vars, err := k.render(ctx)
	if err != nil {
		return err
	}
	changed, err := k.store(vars)
	if err != nil {
		return err
	}
	if changed {
		k.Log.Info("the environment has changed", "file", contract.EnvironmentFile)
		if err := k.plan(); err != nil {
			return err
		}
	}
	return k.act(ctx)
}

// first renders with patience: a role or a secret may be so new that AWS does not know it everywhere. What a secret holds
// does not get better by itself, so that fails at once.
func (k *Keeper) first(ctx context.Context) ([]Var, error) {
	began := time.Now()
	for pause := 500 * time.Millisecond; ; pause = min(2*pause, 15*time.Second) {
		vars, err := k.render(ctx)
		var unread *readError
		if err == nil || !errors.As(err, &unread) {
			return vars, err
		}
		if time.Since(began)+pause > k.Patience {
			return nil, fmt.Errorf("gave up after %s: %w", time.Since(began).Round(time.Millisecond), err)
		}
		k.Log.Warn("cannot read a secret yet", "reason", err)
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("stopped: %w", err)
		case <-time.After(pause):
		}
	}
}

// render fills in all variables. Each secret is read once.
func (k *Keeper) render(ctx context.Context) ([]Var, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	secret := k.secrets(ctx)
	vars := make([]Var, 0, len(k.Recipe.Environment))
	for _, v := range k.Recipe.Environment {
		value, err := k.Facts.RenderWith(v.Value, secret)
		if err == nil {
			err = checkVar(v.Name, value)
		}
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", v.Name, err)
		}
		vars = append(vars, Var{v.Name, value})
	}
	return vars, nil
}

// store writes both files; changed: they were there before and said something else.
func (k *Keeper) store(vars []Var) (changed bool, err error) {
	file, object := encodeFile(vars), encodeJSON(vars)
	before, err := k.read(contract.EnvironmentFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	beforeObject, _ := k.read(contract.EnvironmentJSON) // not there: written below
	if before != nil && bytes.Equal(before, file) && bytes.Equal(beforeObject, object) {
		return false, nil
	}
	if err := k.write(contract.EnvironmentJSON, object); err != nil {
		return false, err
	}
	if err := k.allowRefresh(); err != nil {
		return false, err
	}
	return before != nil, k.write(contract.EnvironmentFile, file)
}

func (k *Keeper) setDefaults() {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&k.Patience, time.Minute}, {&k.Interval, 30 * time.Second}, {&k.Poll, 500 * time.Millisecond}, {&k.MinAge, 5 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.usual
		}
	}
}
