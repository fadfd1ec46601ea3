package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/queue"
)

// Sweeper does what has to be done now and then, on one instance at a time.
//
// It finds imports whose message was lost, and sends another: a process may die between writing an import and sending
// its message, and an embedded queue forgets everything with its process. And it deletes what is only kept for a while:
// see postgres.DB.Forget.
type Sweeper struct {
	DB    *postgres.DB
	Cache cache.Port
	Queue queue.Port
	// Every is how often it sweeps; 0: 1 minute. An import is stranded if it was queued that long ago and nobody has it.
	Every time.Duration
	// Keeper is called with each sweep; nil: nothing is too old.
	Keeper *Keeper
	Log    *slog.Logger
}

const (
	sweepEvery   = time.Minute
	sweepLock    = "worker/sweep"
	sweepLimit   = 100  // imports in one sweep
	forgetLimit  = 2000 // rows in one statement
	forgetRounds = 20   // statements in one sweep
)

// Run sweeps until ctx is done.
func (s *Sweeper) Run(ctx context.Context) {
	for pause(ctx, orElse(s.Every, sweepEvery)) {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("the sweeper failed; it tries again", "error", err)
		}
	}
}

// Sweep sweeps once, unless another instance did just now: the lock is kept until shortly before the next sweep.
func (s *Sweeper) Sweep(ctx context.Context) error {
	every := orElse(s.Every, sweepEvery)
	_, err := s.Cache.Lock(ctx, sweepLock, every*9/10)
	if errors.Is(err, cache.ErrLocked) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	return errors.Join(s.stranded(ctx, time.Now().Add(-every)), s.forget(ctx), s.keep(ctx))
}

// stranded queues imports again. While many messages wait, nothing is stranded for certain, and more messages would not
// help: then it does nothing.
func (s *Sweeper) stranded(ctx context.Context, before time.Time) error {
	stats, err := s.Queue.Stats(ctx)
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	if stats.Waiting >= sweepLimit {
		return nil
	}
	list, err := s.DB.StrandedImports(ctx, before, sweepLimit)
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	for _, i := range list {
		if err := Send(ctx, s.Queue, Message{Kind: KindImport, TenantID: i.TenantID, ID: i.ID}); err != nil {
			return fmt.Errorf("worker: sweep: queue import %s again: %w", i.ID, err)
		}
		s.Log.Info("a stranded import is queued again", "tenant", i.TenantID, "id", i.ID)
	}
	return nil
}

func (s *Sweeper) keep(ctx context.Context) error {
	if s.Keeper == nil {
		return nil
	}
	return s.Keeper.Step(ctx, time.Now())
}

func (s *Sweeper) forget(ctx context.Context) error {
	for range forgetRounds {
		n, err := s.DB.Forget(ctx, time.Now(), forgetLimit)
		if err != nil {
			return fmt.Errorf("worker: sweep: %w", err)
		}
		if n < forgetLimit {
			break
		}
	}
	for range forgetRounds {
		n, err := s.DB.EndDeliveries(ctx, time.Now().Add(-giveUpAfter-longestBackoff), forgetLimit)
		if err != nil {
			return fmt.Errorf("worker: sweep: %w", err)
		}
		if n < forgetLimit {
			break
		}
	}
	return nil
}
