package worker

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
)

// Keeper removes imports whose package did not come within a week, with the courses that were made for them. And it removes what is older than its tenant wants to keep it, or archives it first: see postgres.Retention.
//
// An attempt is marked, written to the object store as JSON lines (docs/reference/export.md), gzipped, and then removed unless
// somebody went on with it. Whoever dies in between is followed by one who does the same again.
type Keeper struct {
	DB    *postgres.DB
	Store objectstore.Port
	Log   *slog.Logger
}

const (
	keepAttempts = 100              // of one tenant in one step
	keepRows     = 500              // of what is not archived
	keepTime     = 30 * time.Second // for one step over all tenants

	keepWaiting = 7 * 24 * time.Hour // for an upload
)

// Step does a little for every tenant that has a limit.
func (k *Keeper) Step(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	errs := k.abandoned(ctx, now.Add(-keepWaiting))
	all, err := k.DB.Retentions(ctx)
	if err != nil {
		return errors.Join(errs, fmt.Errorf("worker: keep: %w", err))
	}
	for id, r := range all { // in another order each time
		n, err := k.tenant(ctx, id, r.Archive, now.AddDate(0, -r.KeepMonths, 0))
		if n > 0 {
			k.Log.Info("old attempts are removed", "tenant", id, "attempts", n, "archived", r.Archive)
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("worker: keep what tenant %s wants kept: %w", id, err))
		}
	}
	return errs
}

func (k *Keeper) abandoned(ctx context.Context, before time.Time) error {
	list, err := k.DB.AbandonedImports(ctx, before, keepAttempts)
	for _, i := range list {
		if err := k.Store.DeletePrefix(ctx, content.UploadKey(i.TenantID, i.ID)); err != nil {
			return fmt.Errorf("worker: forget import %s: %w", i.ID, err)
		}
		if err := k.DB.ForgetImport(ctx, i.TenantID, i.ID); err != nil {
			return fmt.Errorf("worker: forget import %s: %w", i.ID, err)
		}
	}
	return err
}

func (k *Keeper) tenant(ctx context.Context, id string, archive bool, before time.Time) (removed int, err error) {
	old, err := k.DB.OldAttempts(ctx, id, before, keepAttempts)
	if err != nil {
		return 0, err
	}
	for _, o := range old {
		if archive {
			if err := k.archive(ctx, o); fault.Is(err, fault.NotFound) { // erased meanwhile
				continue
			} else if err != nil {
				return removed, err
			}
		}
		gone, err := k.DB.ForgetAttempt(ctx, id, o.Attempt.ID, before)
		if err != nil {
			return removed, err
		}
		if gone {
			removed++
		} else if archive {
			if err := k.takeBack(ctx, o); err != nil {
				return removed, err
			}
		}
	}
	_, err = k.DB.ForgetOld(ctx, id, before, keepRows)
	return removed, err
}

func archiveKey(o postgres.OldAttempt) string {
	return erasure.ArchiveKey(o.Attempt.TenantID, o.Attempt.CourseID, erasure.HashLearner(o.Attempt.TenantID, o.Registration.Learner.ID), o.Attempt.ID)
}

func (k *Keeper) archive(ctx context.Context, o postgres.OldAttempt) error {
	if err := k.DB.MarkArchived(ctx, o); err != nil {
		return err
	}
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	lines := json.NewEncoder(zipped)
	lines.SetEscapeHTML(false)
	err := k.DB.ArchiveRecords(ctx, o, func(line postgres.Record) error { return lines.Encode(line) })
	if err == nil {
		err = zipped.Close()
	}
	if err != nil {
		return err
	}
	return k.Store.Put(ctx, archiveKey(o), &b, int64(b.Len()), "application/gzip")
}

// takeBack is for an attempt that somebody went on with, or erased, while it was archived.
func (k *Keeper) takeBack(ctx context.Context, o postgres.OldAttempt) error {
	if err := k.Store.DeletePrefix(ctx, archiveKey(o)); err != nil {
		return err
	}
	return k.DB.UnmarkArchived(ctx, o.Attempt.TenantID, o.Attempt.ID)
}
