// Package exclusive does things that only one instance of the fleet may do at a time.
//
// The lock runs out by itself, so that the death of its holder stops nobody. Whoever holds it renews it three times in
// its life, and stops what it does before the lock can be another's: see Hold. Two things no lock that runs out can
// promise, and what is done under it must bear them: a process that the operating system does not let run for longer
// than the life finds out only when it runs again, and so does one whose cache lost its data. For those there is the
// token, which is higher for every later holder: let whatever is written refuse the lower one.
// https://valkey.io/topics/distributed-locks/
package exclusive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lectern/lectern/runtime/cache"
)

const (
	renewals = 3 // in a life, when all goes well
	// margins of a life, before its end, at which do is told to stop: with a life of 10 s it has 2.5 s for it.
	margins = 4
	// hurries is how often in a life a renewal that failed is tried again.
	hurries = 20
	// releaseWithin bounds giving the lock back; if it cannot be, it runs out.
	releaseWithin = 2 * time.Second
)

// Hold takes the lock name, calls do, and gives the lock back. life is how long others wait for a holder that died;
// several seconds. The error is cache.ErrLocked, without do having been called, when somebody else has the lock;
// cache.ErrLockLost when it was lost before do was done; or what taking it or do says.
//
// do's context ends when ctx does, as soon as a renewal says that the lock is lost, and when no renewal has succeeded
// for three quarters of life; the cause of the latter two is cache.ErrLockLost. Hold goes on renewing until do has
// returned, also after ctx has ended, so that do may take its time to finish. When the lock was lost, do has a quarter
// of life to return, if the cache still knows whose the lock was.
func Hold(ctx context.Context, c cache.Port, name string, life time.Duration, log *slog.Logger, do func(ctx context.Context, token int64) error) error {
	asked := time.Now() // before the question: the lock lives at least until asked + life
	lock, err := c.Lock(ctx, name, life)
	if err != nil {
		return fmt.Errorf("take lock %s: %w", name, err)
	}
	h := &holder{lock: lock, name: name, life: life, log: log.With("lock", name, "token", lock.Token()), until: asked.Add(life)}
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	lasting := context.WithoutCancel(ctx)
	working, stop := context.WithCancel(lasting)
	renewing := make(chan error, 1)
	go func() {
		lost := h.renew(working)
		if lost != nil {
			cancel(lost)
		}
		renewing <- lost
	}()
	defer stop() // also if do panics
	err = do(held, lock.Token())
	stop()
	if lost := <-renewing; lost != nil {
		if err == nil || errors.Is(err, context.Canceled) {
			return lost
		}
		return fmt.Errorf("%w; %w", lost, err)
	}
	h.release(lasting)
	return err
}

// holder is a lock that is held.
type holder struct {
	lock  cache.Lock
	name  string
	life  time.Duration
	log   *slog.Logger
	until time.Time // it is surely ours until then
}

// renew renews until ctx ends (nil) or the lock is lost (cache.ErrLockLost).
func (h *holder) renew(ctx context.Context) error {
	pause, failed := h.life/renewals, error(nil)
	for {
		safe := h.until.Add(-h.life / margins)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(min(pause, time.Until(safe))):
		}
		now := time.Now()
		if !now.Before(safe) {
			err := fmt.Errorf("%w: %s: no renewal for %s", cache.ErrLockLost, h.name, now.Sub(h.until.Add(-h.life)).Round(time.Millisecond))
			if failed != nil {
				err = fmt.Errorf("%w: %w", err, failed)
			}
			h.log.Error("a lock could not be renewed", "error", err)
			return err
		}
		try, cancel := context.WithDeadline(ctx, safe)
		err := h.lock.Renew(try, h.life)
		cancel()
		switch {
		case err == nil:
			h.until, pause, failed = now.Add(h.life), h.life/renewals, nil
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, cache.ErrLockLost):
			h.log.Error("a lock was lost", "error", err)
			return err
		default:
			if failed == nil {
				h.log.Warn("a lock was not renewed; trying again", "error", err)
			}
			pause, failed = h.life/hurries, err
		}
	}
}

// release gives the lock back. What it protected is done, so that a failure only costs the others time.
func (h *holder) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, releaseWithin)
	defer cancel()
	if err := h.lock.Release(ctx); err != nil {
		h.log.Warn("a lock was not given back; it runs out by itself", "error", err)
	}
}
