package environ

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

// watch repeats round until ctx ends: every Interval, and at the next look after RefreshFile was touched, but then not
// again before MinAge is over.
func (k *Keeper) watch(ctx context.Context, seen time.Time) {
	last, lastAsked := time.Now(), time.Time{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(k.Poll):
		}
		touched := k.touched()
		asked := !touched.Equal(seen) && time.Since(lastAsked) >= k.MinAge
		if !asked && time.Since(last) < k.Interval {
			continue
		}
		if asked {
			lastAsked = time.Now()
		}
		seen = touched
		if err := k.round(ctx); err != nil && ctx.Err() == nil {
			k.Log.Error("cannot bring the environment up to date; the last one stays", "reason", err)
		}
		last = time.Now()
	}
}

// touched is when RefreshFile last changed; zero: it is not there.
func (k *Keeper) touched() time.Time {
	info, err := os.Lstat(k.path(contract.RefreshFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Verbs of systemctl that leave alone what does not run: boot starts services after their first environment.
var verbs = map[string]string{contract.ActionRestart: "try-restart", contract.ActionReload: "try-reload-or-restart"}

// plan notes what the change asks of services.
func (k *Keeper) plan() error {
	if k.pending == nil {
		k.pending = map[string]string{}
	}
	for _, s := range k.Recipe.Services {
		verb, ok := verbs[s.OnEnvironment]
		if !ok {
			continue
		}
		name, err := k.Facts.Render(s.Name)
		if err != nil {
			return fmt.Errorf("name of a service: %w", err)
		}
		k.pending[strings.TrimSuffix(name, ".service")+".service"] = verb
	}
	return nil
}

// act does what is pending. What fails is tried again in the next round, since the service still has the old values.
func (k *Keeper) act(ctx context.Context) error {
	var failures []error
	for _, unit := range slices.Sorted(maps.Keys(k.pending)) {
		limited, cancel := context.WithTimeout(ctx, actionLimit)
		_, err := k.Runner.Run(limited, command.Command{Name: "systemctl", Args: []string{k.pending[unit], unit}})
		cancel()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		k.Log.Info("a service has the new environment", "unit", unit, "by", k.pending[unit])
		delete(k.pending, unit)
	}
	return errors.Join(failures...)
}
