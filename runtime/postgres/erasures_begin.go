package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
)

// BeginErasure writes down what is to be erased: ID, TenantID, Kind, Subject or Secret, Version, RequestedBy are given. What
// is short is removed in the same transaction: an attempt, a registration, and eraseBatch registrations of a learner. Asking again while it is under way returns the one there is, and so it does for
// good where an id is never used twice: all but learners and tenants.
//
// It is fault.NotFound if there is no such thing (a learner need not be known), and fault.Conflict if a course or a version
// is in use and cascade is false, or if the version is the course's latest.
func (db *DB) BeginErasure(ctx context.Context, e erasure.Erasure, cascade bool) (out erasure.Erasure, err error) {
	switch e.Kind {
	case erasure.Learner:
		e.LearnerHash = erasure.HashLearner(e.TenantID, e.Secret)
	case erasure.Tenant:
	default:
		if err := existing(string(e.Kind), e.Subject); err != nil {
			return out, err
		}
	}
	e.State = erasure.Removing
	err = db.inTransaction(ctx, "begin an erasure", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		fresh, there := e, false
		if out, there, err = standingErasure(ctx, tx, fresh); err != nil || there {
			return err
		}
		if err := mayErase(ctx, tx, &fresh, cascade); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `INSERT INTO erasures (tenant_id, id, kind, subject, version, learner_hash, learner_id, requested_by, requested_at, state, removed, due_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $10, now())
			ON CONFLICT (tenant_id, kind, subject, version, learner_hash) WHERE finished_at IS NULL DO NOTHING`,
			fresh.TenantID, fresh.ID, fresh.Kind, fresh.Subject, fresh.Version, fresh.LearnerHash, optional(fresh.Secret), fresh.RequestedBy, fresh.State, fresh.Removed)
		if err != nil {
			return err
		}
		if n.RowsAffected() == 1 && isShort(e.Kind) {
			if _, err := eraseSome(ctx, tx, &fresh); err != nil {
				return err
			}
		}
		out, _, err = standingErasure(ctx, tx, fresh)
		return err
	})
	return out, err
}

func isShort(k erasure.Kind) bool {
	return k == erasure.Attempt || k == erasure.Registration || k == erasure.Learner
}

// standingErasure is the one that asking again leads to.
func standingErasure(ctx context.Context, tx pgx.Tx, e erasure.Erasure) (erasure.Erasure, bool, error) {
	found, err := one(ctx, tx, "erasure", scanErasure, `SELECT `+erasureColumns+` FROM erasures
		WHERE tenant_id = $1 AND kind = $2 AND subject = $3 AND version = $4 AND learner_hash = $5 AND (finished_at IS NULL OR kind NOT IN ('learner', 'tenant'))
		ORDER BY id DESC LIMIT 1`, e.TenantID, e.Kind, e.Subject, e.Version, e.LearnerHash)
	if fault.Is(err, fault.NotFound) {
		return found, false, nil
	}
	return found, err == nil, err
}

// mayErase looks whether it is there and not in use, and closes the door behind which it is removed.
func mayErase(ctx context.Context, tx pgx.Tx, e *erasure.Erasure, cascade bool) error {
	switch e.Kind {
	case erasure.Attempt:
		_, err := one(ctx, tx, "attempt", pgx.RowTo[int], `SELECT 1 FROM attempts WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, e.TenantID, e.Subject)
		return err
	case erasure.Registration:
		_, err := one(ctx, tx, "registration", pgx.RowTo[int], `SELECT 1 FROM registrations WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, e.TenantID, e.Subject)
		return err
	case erasure.Version:
		return mayEraseVersion(ctx, tx, e, cascade)
	case erasure.Course:
		return mayEraseCourse(ctx, tx, e, cascade)
	case erasure.Tenant:
		if _, err := one(ctx, tx, "tenant", pgx.RowTo[string], `SELECT id FROM tenants WHERE id = $1 FOR UPDATE`, e.TenantID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `DELETE FROM api_keys WHERE tenant_id = $1`, e.TenantID) // so that it makes nothing new
		e.Removed.Keys += n.RowsAffected()
		return err
	}
	return nil
}

func mayEraseCourse(ctx context.Context, tx pgx.Tx, e *erasure.Erasure, cascade bool) error {
	n, err := tx.Exec(ctx, `UPDATE courses SET erasing = true WHERE tenant_id = $1 AND id = $2`, e.TenantID, e.Subject)
	if err := changedOne("course", n.RowsAffected(), err); err != nil {
		return err
	}
	var used bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM registrations WHERE tenant_id = $1 AND course_id = $2)
		OR EXISTS (SELECT FROM archives WHERE tenant_id = $1 AND course_id = $2)`, e.TenantID, e.Subject).Scan(&used); err != nil {
		return err
	}
	if used && !cascade {
		return fault.New(fault.Conflict, "learners are registered for this course, or were; ask with cascade=true to delete their registrations and results with it")
	}
	return nil
}

func mayEraseVersion(ctx context.Context, tx pgx.Tx, e *erasure.Erasure, cascade bool) error {
	latest, err := one(ctx, tx, "course", pgx.RowTo[int], `SELECT latest_version FROM courses WHERE tenant_id = $1 AND id = $2 AND NOT erasing FOR UPDATE`, e.TenantID, e.Subject)
	if err != nil {
		return err
	}
	if _, err := one(ctx, tx, "version of the course", pgx.RowTo[int],
		`SELECT number FROM course_versions WHERE tenant_id = $1 AND course_id = $2 AND number = $3`, e.TenantID, e.Subject, e.Version); err != nil {
		return err
	}
	if latest == e.Version {
		return fault.New(fault.Conflict, "version %d is the latest, which new attempts begin with; import another first, or delete the course", latest)
	}
	var attempts int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM attempts WHERE tenant_id = $1 AND course_id = $2 AND version = $3`, e.TenantID, e.Subject, e.Version).Scan(&attempts); err != nil {
		return err
	}
	if attempts > 0 && !cascade {
		return fault.New(fault.Conflict, "%d attempts are at this version; ask with cascade=true to delete them with it", attempts)
	}
	return nil
}
