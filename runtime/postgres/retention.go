package postgres

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/registration"
)

// Retention is how long a tenant keeps what learners did.
type Retention struct {
	KeepMonths int  `json:"keepMonths" doc:"An attempt that nothing was committed to for so many months is removed, with its launches, and its registration after the last attempt; 0: nothing is."`
	Archive    bool `json:"archive" doc:"Whether it is written to the object store before; exports and erasures reach it there."`
}

// Retention of a tenant; fault.NotFound if there is none.
func (db *DB) Retention(ctx context.Context, tenantID string) (r Retention, err error) {
	err = db.readPrimary(ctx, "read a retention", func(ctx context.Context, q querier) error {
		r, err = one(ctx, q, "tenant", pgx.RowToStructByPos[Retention], `SELECT keep_months, archives FROM tenants WHERE id = $1`, tenantID)
		return err
	})
	return r, err
}

// SetRetention changes it.
func (db *DB) SetRetention(ctx context.Context, tenantID string, r Retention) error {
	n, err := db.exec(ctx, "set a retention", idempotent, `UPDATE tenants SET keep_months = $2, archives = $3 WHERE id = $1`, tenantID, r.KeepMonths, r.Archive)
	return changedOne("tenant", n, err)
}

// Retentions are those of all tenants that have a limit, by tenant. They are for the sweeper.
func (db *DB) Retentions(ctx context.Context) (map[string]Retention, error) {
	all := map[string]Retention{}
	err := db.readPrimary(ctx, "read the retentions", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT id, keep_months, archives FROM tenants WHERE keep_months > 0`)
		if err != nil {
			return err
		}
		var id string
		var r Retention
		_, err = pgx.ForEachRow(rows, []any{&id, &r.KeepMonths, &r.Archive}, func() error { all[id] = r; return nil })
		return err
	})
	return all, err
}

// OldAttempt is one that its tenant does not want to keep.
type OldAttempt struct {
	Attempt      attempt.Attempt
	Registration registration.Registration
}

// idsBefore bounds ids of UUID version 7 (RFC 9562, 5.7): what was made before this moment is smaller. So a primary key finds what is
// old, without an index on a time that each commit changes.
func idsBefore(t time.Time) string {
	var id uuid.UUID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(t.UnixMilli(), 0))<<16)
	copy(id[:6], ms[:6])
	return id.String()
}

// OldAttempts are a tenant's attempts that nothing was committed to since before, oldest first.
func (db *DB) OldAttempts(ctx context.Context, tenantID string, before time.Time, limit int) (list []OldAttempt, err error) {
	err = db.readPrimary(ctx, "find old attempts", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT a.id, a.tenant_id, a.registration_id, a.number, a.course_id, a.version, a.fence, a.result, a.state, a.created_at, a.updated_at,
				r.id, r.tenant_id, r.course_id, r.learner_id, r.learner_name, r.created_at
			FROM attempts a JOIN registrations r ON r.tenant_id = $1 AND r.id = a.registration_id
			WHERE a.tenant_id = $1 AND a.id < $2 AND a.updated_at < $3 ORDER BY a.id LIMIT $4`, tenantID, idsBefore(before), before, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (o OldAttempt, err error) {
			a, r := &o.Attempt, &o.Registration
			err = row.Scan(&a.ID, &a.TenantID, &a.RegistrationID, &a.Number, &a.CourseID, &a.Version, &a.Fence, &a.Result, &a.State, &a.CreatedAt, &a.UpdatedAt,
				&r.ID, &r.TenantID, &r.CourseID, &r.Learner.ID, &r.Learner.Name, &r.CreatedAt)
			return o, err
		})
		return err
	})
	return list, err
}

// ArchiveRecords hands over what the archive keeps of an attempt: its registration, itself, its activities, events and launches.
func (db *DB) ArchiveRecords(ctx context.Context, o OldAttempt, emit func(Record) error) error {
	if err := emit(Record{"registration", o.Registration}); err != nil {
		return err
	}
	if err := db.AttemptRecords(ctx, o.Attempt, emit); err != nil {
		return err
	}
	var launches []launch.Launch
	err := db.readPrimary(ctx, "read the launches of an attempt", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT `+launchColumns+` FROM launches WHERE tenant_id = $1 AND attempt_id = $2 ORDER BY id`, o.Attempt.TenantID, o.Attempt.ID)
		if err != nil {
			return err
		}
		launches, err = pgx.CollectRows(rows, scanLaunch)
		return err
	})
	for _, l := range launches {
		if err := emit(Record{"launch", l}); err != nil {
			return err
		}
	}
	return err
}

// MarkArchived says that an attempt is, or is about to be, in the archive: before its object is written, so that whoever erases it
// meanwhile knows. It is fault.NotFound if the attempt is not there any more.
func (db *DB) MarkArchived(ctx context.Context, o OldAttempt) error {
	n, err := db.exec(ctx, "mark an archived attempt", idempotent,
		`INSERT INTO archives (tenant_id, attempt_id, registration_id, course_id, learner_hash, archived_at)
		SELECT $1, id, registration_id, course_id, $3, now() FROM attempts WHERE tenant_id = $1 AND id = $2
		ON CONFLICT (tenant_id, attempt_id) DO UPDATE SET archived_at = now()`,
		o.Attempt.TenantID, o.Attempt.ID, erasure.HashLearner(o.Attempt.TenantID, o.Registration.Learner.ID))
	return changedOne("attempt", n, err)
}

// UnmarkArchived takes that back, for an attempt that stays.
func (db *DB) UnmarkArchived(ctx context.Context, tenantID, attemptID string) error {
	_, err := db.exec(ctx, "unmark an archived attempt", idempotent, `DELETE FROM archives WHERE tenant_id = $1 AND attempt_id = $2`, tenantID, attemptID)
	return err
}

// ForgetAttempt removes an attempt with all that was tracked, unless something was committed to it since before.
func (db *DB) ForgetAttempt(ctx context.Context, tenantID, id string, before time.Time) (gone bool, err error) {
	if err := existing("attempt", id); err != nil {
		return false, err
	}
	err = db.inTransaction(ctx, "forget an attempt", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		b := &erasing{Tx: tx, e: &erasure.Erasure{TenantID: tenantID}}
		still, err := b.ids(ctx, `SELECT id::text FROM attempts WHERE tenant_id = $1 AND id = $2 AND updated_at < $3 FOR UPDATE`, id, before)
		if err != nil {
			return err
		}
		gone = len(still) == 1
		return b.attempts(ctx, still)
	})
	return gone, err
}

// ForgetOld removes, of a tenant, registrations without attempts and previews that were made before: at most limit of each.
func (db *DB) ForgetOld(ctx context.Context, tenantID string, before time.Time, limit int) (n int64, err error) {
	err = db.inTransaction(ctx, "forget old registrations", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		b := &erasing{Tx: tx, e: &erasure.Erasure{TenantID: tenantID}}
		ids, err := b.ids(ctx, `SELECT r.id::text FROM registrations r WHERE r.tenant_id = $1 AND r.id < $2 AND r.created_at < $3
			AND NOT EXISTS (SELECT FROM attempts a WHERE a.tenant_id = $1 AND a.registration_id = r.id) ORDER BY r.id LIMIT $4 FOR UPDATE`, idsBefore(before), before, limit)
		if err != nil {
			return err
		}
		if err := b.registrations(ctx, ids); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `DELETE FROM launches WHERE tenant_id = $1 AND id IN (
			SELECT id FROM launches WHERE tenant_id = $1 AND registration_id IS NULL AND id < $2 LIMIT $3)`, tenantID, idsBefore(before), limit)
		n = int64(len(ids)) + tag.RowsAffected()
		return err
	})
	return n, err
}
