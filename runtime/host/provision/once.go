package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/exclusive"
)

// RunOnce runs the recipe's commands for one instance of the fleet at a time.
//
//	Check ── done ──► next
//	  │
//	  └─► take the lock ── somebody else has it ──► pause ──► Check …
//	            └─► Check ── done ──► next
//	                  └─► Run ──► Check ── done ──► next
//	                                └─► failure
func (m *Machine) RunOnce(ctx context.Context) error {
	for _, o := range m.Recipe.Once {
		if err := m.once(ctx, o); err != nil {
			return fmt.Errorf("once %s: %w", o.Name, err)
		}
	}
	return nil
}

func (m *Machine) once(ctx context.Context, o contract.Once) error {
	limit := time.Duration(o.LimitSeconds) * time.Second
	if m.Locks == nil {
		return errors.New("the configuration has no Valkey, in which the fleet's lock would be")
	}
	life := or(m.LockLife, 30*time.Second)
	start, answered := time.Now(), time.Now()
	for waiting := false; ; {
		if done, err := m.check(ctx, o, limit); done || err != nil {
			return err
		}
		began := false
		err := exclusive.Hold(ctx, m.Locks, "once:"+o.Name, life, m.Log, func(ctx context.Context, token int64) error {
			began = true
			m.Log.Info("this instance does it", "once", o.Name, "token", token)
			return m.runOnce(ctx, o, limit)
		})
		switch locked := errors.Is(err, cache.ErrLocked); {
		case began:
			return err
		case locked && time.Since(start) > limit+life: // whoever has it has limit for it, and may have taken it just now
			return fmt.Errorf("another instance has been at it for %s and is not done", time.Since(start).Round(time.Second))
		case locked:
			answered = time.Now()
			if !waiting {
				m.Log.Info("waiting for another instance", "once", o.Name)
			}
			waiting = true
		case time.Since(answered) > or(m.Patience, 2*time.Minute):
			return err
		default:
			m.Log.Warn("trying again", "what", "the lock of "+o.Name, "reason", err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(or(m.LockPause, 2*time.Second)):
		}
	}
}

func (m *Machine) runOnce(ctx context.Context, o contract.Once, limit time.Duration) error {
	if done, err := m.check(ctx, o, limit); done || err != nil {
		return err
	}
	if err := m.asApp(ctx, slog.LevelInfo, o.Name, o.Run, limit); err != nil {
		return err
	}
	done, err := m.check(ctx, o, limit)
	if err == nil && !done {
		err = fmt.Errorf("it was run and ended well, but its check still says that it is not done: %s", o.Check)
	}
	return err
}

// check says whether nothing is left to do. A status other than 0 says that something is; a check that cannot be run or
// does not end is an error. What it prints is of no interest as long as others are waited for.
func (m *Machine) check(ctx context.Context, o contract.Once, limit time.Duration) (bool, error) {
	err := m.asApp(ctx, slog.LevelDebug, o.Name+" check", o.Check, limit)
	var status *exec.ExitError
	if errors.As(err, &status) && status.Exited() && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}
