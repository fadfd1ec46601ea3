package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
)

// Eraser does what package erasure describes. Any number may run at once; an erasure is with one of them for a lease.
type Eraser struct {
	DB    *postgres.DB
	Store objectstore.Port
	// Every is how often erasures are looked for; 0: 10 s.
	Every time.Duration
	// Lease is after how long without a sign of life another worker goes on; 0: 60 s.
	Lease time.Duration
	// Settle is how long what was under way may go on, before it is looked for once more; 0: 2 min, which is longer than
	// requests, deliveries and imports live that have lost what they work for.
	Settle time.Duration
	Log    *slog.Logger
}

const (
	eraseEvery  = 10 * time.Second
	eraseLease  = time.Minute
	eraseSettle = 2 * time.Minute
)

// Run erases until ctx is done. What it leaves undone then goes on elsewhere.
func (r *Eraser) Run(ctx context.Context) {
	for pause(ctx, orElse(r.Every, eraseEvery)) {
		if err := r.Round(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("something could not be erased; it is tried again", "error", err)
		}
	}
}

// Round goes on with what is due, one after the other.
func (r *Eraser) Round(ctx context.Context) error {
	var errs error
	for ctx.Err() == nil {
		due, err := r.DB.ClaimErasures(ctx, orElse(r.Lease, eraseLease), 1)
		if err != nil {
			return errors.Join(errs, fmt.Errorf("worker: claim erasures: %w", err))
		}
		if len(due) == 0 {
			break
		}
		if err := r.one(ctx, due[0].TenantID, due[0].ID); err != nil {
			errs = errors.Join(errs, fmt.Errorf("worker: erasure %s: %w", due[0].ID, err))
		}
	}
	return errs
}

func (r *Eraser) one(ctx context.Context, tenantID, id string) error {
	var e erasure.Erasure
	for more := true; more; {
		var err error
		if e, more, err = r.DB.EraseRows(ctx, tenantID, id, orElse(r.Lease, eraseLease)); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, prefix := range e.Prefixes {
		if err := r.Store.DeletePrefix(ctx, prefix); err != nil {
			return err
		}
	}
	switch e.State {
	case erasure.Removing:
		return r.DB.SettleErasure(ctx, tenantID, id, orElse(r.Settle, eraseSettle))
	case erasure.Settling:
		if err := r.DB.FinishErasure(ctx, tenantID, id); err != nil {
			return err
		}
		r.Log.Info("erased", "tenant", tenantID, "id", id, "kind", e.Kind)
	}
	return nil
}
