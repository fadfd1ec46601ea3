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

// Sweeper finds imports whose message was lost, and sends another. A queue is no database: the process may die between
// writing an import and sending its message, and an embedded queue forgets everything with its process.
type Sweeper struct {
	DB    *postgres.DB
	Cache cache.Port
	Queue queue.Port
	// Every is how often it sweeps; 0: 1 minute. An import is stranded if it was queued that long ago and nobody has it.
	Every time.Duration
	Log   *slog.Logger
}

const (
	sweepEvery = time.Minute
	sweepLock  = "worker/sweep"
	sweepLimit = 100
)

// Run sweeps until ctx is done.
func (s *Sweeper) Run(ctx context.Context) {
	every := orElse(s.Every, sweepEvery)
	for pause(ctx, every) {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("stranded imports could not be looked for", "error", err)
		}
	}
}

// Sweep sweeps once, unless another instance is at it. While many messages wait, nothing is stranded for certain, and
// more messages would not help: then it does nothing.
func (s *Sweeper) Sweep(ctx context.Context) error {
	every := orElse(s.Every, sweepEvery)
	lock, err := s.Cache.Lock(ctx, sweepLock, every)
	if errors.Is(err, cache.ErrLocked) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
		defer cancel()
		if err := lock.Release(ctx); err != nil {
			s.Log.Warn("the sweeper's lock was not released; it ends by itself", "error", err)
		}
	}()
	stats, err := s.Queue.Stats(ctx)
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	if stats.Waiting >= sweepLimit {
		return nil
	}
	stranded, err := s.DB.StrandedImports(ctx, time.Now().Add(-every), sweepLimit)
	if err != nil {
		return fmt.Errorf("worker: sweep: %w", err)
	}
	for _, i := range stranded {
		if err := Send(ctx, s.Queue, Message{Kind: KindImport, TenantID: i.TenantID, ID: i.ID}); err != nil {
			return fmt.Errorf("worker: sweep: queue import %s again: %w", i.ID, err)
		}
		s.Log.Info("a stranded import is queued again", "tenant", i.TenantID, "id", i.ID)
	}
	return nil
}
