package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
)

const launchColumns = `id, tenant_id, coalesce(registration_id::text, ''), coalesce(attempt_id::text, ''), course_id, version, mode, return_url, fence,
	created_at, link_expires_at, opened_at, expires_at, ended_at`

func scanLaunch(row pgx.CollectableRow) (l launch.Launch, err error) {
	err = row.Scan(&l.ID, &l.TenantID, &l.RegistrationID, &l.AttemptID, &l.CourseID, &l.Version, &l.Mode, &l.ReturnURL, &l.Fence,
		&l.CreatedAt, &l.LinkExpiresAt, &l.OpenedAt, &l.ExpiresAt, &l.EndedAt)
	return l, err
}

// CreateLaunch stores a launch that nobody has opened yet; fault.NotFound if what it is for does not exist.
func (db *DB) CreateLaunch(ctx context.Context, l launch.Launch) error {
	if err := existing("course", l.CourseID); err != nil {
		return err
	}
	for _, id := range []string{l.RegistrationID, l.AttemptID} {
		if id != "" && !isID(id) {
			return notFound("registration or attempt")
		}
	}
	_, err := db.exec(ctx, "create a launch", idempotent,
		`INSERT INTO launches (tenant_id, id, registration_id, attempt_id, course_id, version, mode, return_url, created_at, link_expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, id) DO NOTHING`,
		l.TenantID, l.ID, optional(l.RegistrationID), optional(l.AttemptID), l.CourseID, l.Version, l.Mode, l.ReturnURL, l.CreatedAt, l.LinkExpiresAt)
	return err
}

// OpenLaunch redeems a link: once, before LinkExpiresAt, else fault.Gone. It gives the attempt its next fence, except in
// modes that keep nothing. now also tells a redemption whose answer was lost with the connection from somebody else's.
func (db *DB) OpenLaunch(ctx context.Context, tenantID, id string, now time.Time, sessionLife time.Duration) (l launch.Launch, err error) {
	if err := existing("launch", id); err != nil {
		return l, err
	}
	now = now.Truncate(time.Microsecond) // what the database keeps
	tries := 0
	err = db.inTransaction(ctx, "open a launch", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		tries++
		l, err = one(ctx, tx, "launch", scanLaunch, `SELECT `+launchColumns+` FROM launches WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tenantID, id)
		switch {
		case err != nil:
			return err
		case l.OpenedAt != nil && tries > 1 && l.OpenedAt.Equal(now):
			return nil
		case l.EndedAt != nil:
			return fault.New(fault.Gone, "this launch has ended; ask for a new one where you got the link")
		case l.OpenedAt != nil:
			return fault.New(fault.Gone, "this launch link has been used; ask for a new one where you got it")
		case !now.Before(l.LinkExpiresAt):
			return fault.New(fault.Gone, "this launch link has expired; ask for a new one where you got it")
		}
		var fence int64
		if l.Mode == launch.ModeNormal && l.AttemptID != "" {
			if err := tx.QueryRow(ctx, `UPDATE attempts SET fence = fence + 1 WHERE tenant_id = $1 AND id = $2 RETURNING fence`, tenantID, l.AttemptID).Scan(&fence); err != nil {
				return err
			}
		}
		l, err = one(ctx, tx, "launch", scanLaunch, `UPDATE launches SET opened_at = $3, expires_at = $4, fence = $5 WHERE tenant_id = $1 AND id = $2
			RETURNING `+launchColumns, tenantID, id, now, now.Add(sessionLife), fence)
		return err
	})
	if err != nil {
		return launch.Launch{}, err
	}
	return l, nil
}

// Launch is read from the primary: it decides about a session.
func (db *DB) Launch(ctx context.Context, tenantID, id string) (l launch.Launch, err error) {
	if err := existing("launch", id); err != nil {
		return l, err
	}
	err = db.readPrimary(ctx, "read a launch", func(ctx context.Context, q querier) error {
		l, err = one(ctx, q, "launch", scanLaunch, `SELECT `+launchColumns+` FROM launches WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return l, err
}

// Launches are those of a registration, over all its attempts.
func (db *DB) Launches(ctx context.Context, tenantID, registrationID string, p Page) (List[launch.Launch], error) {
	after, err := p.afterID()
	if err == nil {
		err = existing("registration", registrationID)
	}
	if err != nil {
		return List[launch.Launch]{}, err
	}
	return readPage(ctx, db, "list launches", p, scanLaunch, func(l launch.Launch) string { return l.ID },
		`SELECT `+launchColumns+` FROM launches WHERE tenant_id = $1 AND registration_id = $2 AND ($3::uuid IS NULL OR id < $3)
		ORDER BY id DESC LIMIT $4`, tenantID, registrationID, after)
}
