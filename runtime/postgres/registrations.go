package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/registration"
)

const registrationColumns = `id, tenant_id, course_id, learner_id, learner_name, created_at`

func scanRegistration(row pgx.CollectableRow) (r registration.Registration, err error) {
	err = row.Scan(&r.ID, &r.TenantID, &r.CourseID, &r.Learner.ID, &r.Learner.Name, &r.CreatedAt)
	return r, err
}

// CreateRegistration makes one, with its first attempt at the latest version; fault.Conflict if the course has none. One
// learner may register for a course once: registering again returns the registration there is, with created false.
func (db *DB) CreateRegistration(ctx context.Context, r registration.Registration) (out registration.Registration, created bool, err error) {
	if err := existing("course", r.CourseID); err != nil {
		return out, false, err
	}
	err = db.inTransaction(ctx, "create a registration", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		latest, err := latestVersion(ctx, tx, r.TenantID, r.CourseID)
		if err != nil {
			return err
		}
		if err := noErasure(ctx, tx, r.TenantID, r.Learner.ID); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO registrations (tenant_id, id, course_id, learner_id, learner_name, created_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tenant_id, course_id, learner_id) DO NOTHING`, r.TenantID, r.ID, r.CourseID, r.Learner.ID, r.Learner.Name, r.CreatedAt)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			if _, err := addAttempt(ctx, tx, r.TenantID, r.ID, 1, r.CourseID, latest); err != nil {
				return err
			}
		}
		out, err = one(ctx, tx, "registration", scanRegistration,
			`SELECT `+registrationColumns+` FROM registrations WHERE tenant_id = $1 AND course_id = $2 AND learner_id = $3`, r.TenantID, r.CourseID, r.Learner.ID)
		created = out.ID == r.ID // so that a try whose answer was lost still says so
		return err
	})
	return out, created, err
}

// noErasure is fault.Conflict while the learner is being erased: what began before must not come back after.
func noErasure(ctx context.Context, q querier, tenantID, learnerID string) error {
	var busy bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM erasures WHERE tenant_id = $1 AND kind = $2 AND subject = '' AND version = 0 AND learner_hash = $3
		AND finished_at IS NULL)`, tenantID, erasure.Learner, erasure.HashLearner(tenantID, learnerID)).Scan(&busy)
	if err == nil && busy {
		return fault.New(fault.Conflict, "this learner is being erased; register again when the erasure has finished")
	}
	return err
}

// latestVersion is that of a course; fault.Conflict if there is none yet.
func latestVersion(ctx context.Context, q querier, tenantID, courseID string) (int, error) {
	latest, err := one(ctx, q, "course", pgx.RowTo[int], `SELECT latest_version FROM courses WHERE tenant_id = $1 AND id = $2 AND NOT erasing`, tenantID, courseID)
	if err == nil && latest == 0 {
		return 0, fault.New(fault.Conflict, "the course has no version yet; wait until an import has succeeded")
	}
	return latest, err
}

// Registration is read from the primary: launches depend on it.
func (db *DB) Registration(ctx context.Context, tenantID, id string) (r registration.Registration, err error) {
	if err := existing("registration", id); err != nil {
		return r, err
	}
	err = db.readPrimary(ctx, "read a registration", func(ctx context.Context, q querier) error {
		r, err = one(ctx, q, "registration", scanRegistration,
			`SELECT `+registrationColumns+` FROM registrations WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return r, err
}
