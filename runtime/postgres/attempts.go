package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/attempt"
)

const attemptColumns = `id, tenant_id, registration_id, number, course_id, version, fence, applied_fence, applied_sequence, result, state, created_at, updated_at`

func scanAttempt(row pgx.CollectableRow) (a attempt.Attempt, err error) {
	err = row.Scan(&a.ID, &a.TenantID, &a.RegistrationID, &a.Number, &a.CourseID, &a.Version, &a.Fence, &a.AppliedFence, &a.AppliedSequence, &a.Result, &a.State, &a.CreatedAt, &a.UpdatedAt)
	return a, err
}

func addAttempt(ctx context.Context, tx pgx.Tx, tenantID, registrationID string, number int, courseID string, version int) (attempt.Attempt, error) {
	result := attempt.Result{Completion: attempt.CompletionNotAttempted, Success: attempt.SuccessUnknown}
	return one(ctx, tx, "attempt", scanAttempt, `INSERT INTO attempts (tenant_id, id, registration_id, number, course_id, version, result, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now()) RETURNING `+attemptColumns, tenantID, newID(), registrationID, number, courseID, version, result)
}

// CreateAttempt begins a new attempt at the latest version.
func (db *DB) CreateAttempt(ctx context.Context, tenantID, registrationID string) (a attempt.Attempt, err error) {
	if err := existing("registration", registrationID); err != nil {
		return a, err
	}
	err = db.inTransaction(ctx, "create an attempt", once, func(ctx context.Context, tx pgx.Tx) error {
		// The lock makes two at a time number one after the other.
		courseID, err := one(ctx, tx, "registration", pgx.RowTo[string],
			`SELECT course_id::text FROM registrations WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`, tenantID, registrationID)
		if err != nil {
			return err
		}
		latest, err := latestVersion(ctx, tx, tenantID, courseID)
		if err != nil {
			return err
		}
		var last int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(number), 0) FROM attempts WHERE tenant_id = $1 AND registration_id = $2`, tenantID, registrationID).Scan(&last); err != nil {
			return err
		}
		a, err = addAttempt(ctx, tx, tenantID, registrationID, last+1, courseID, latest)
		return err
	})
	return a, err
}

// Attempt may come from a replica; use FromPrimary for a launch.
func (db *DB) Attempt(ctx context.Context, tenantID, id string) (a attempt.Attempt, err error) {
	if err := existing("attempt", id); err != nil {
		return a, err
	}
	err = db.read(ctx, "read an attempt", func(ctx context.Context, q querier) error {
		a, err = one(ctx, q, "attempt", scanAttempt, `SELECT `+attemptColumns+` FROM attempts WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return a, err
}

// Attempts are those of a registration.
func (db *DB) Attempts(ctx context.Context, tenantID, registrationID string, p Page) (List[attempt.Attempt], error) {
	after, err := p.afterNumber()
	if err == nil {
		err = existing("registration", registrationID)
	}
	if err != nil {
		return List[attempt.Attempt]{}, err
	}
	return readPage(ctx, db, "list attempts", p, scanAttempt, func(a attempt.Attempt) string { return strconv.Itoa(a.Number) },
		`SELECT `+attemptColumns+` FROM attempts WHERE tenant_id = $1 AND registration_id = $2 AND ($3::int IS NULL OR number < $3)
		ORDER BY number DESC LIMIT $4`, tenantID, registrationID, after)
}

// Activities are the states of an attempt's activities, by id. They may come from a replica; use FromPrimary for a launch.
func (db *DB) Activities(ctx context.Context, tenantID, attemptID string) (list []attempt.ActivityState, err error) {
	if err := existing("attempt", attemptID); err != nil {
		return nil, err
	}
	err = db.read(ctx, "read the activities of an attempt", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx,
			`SELECT activity_id, commits, cmi, result, updated_at FROM activity_states WHERE tenant_id = $1 AND attempt_id = $2 ORDER BY activity_id`, tenantID, attemptID)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[attempt.ActivityState])
		return err
	})
	return list, err
}
