package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Types of events. Data: {"importId", "courseId", "version"} or {"registrationId", "attemptId", "courseId", "result"}.
const (
	EventImportFinished = "import.finished"
	EventResultChanged  = "attempt.result_changed"
)

type importFinished struct {
	ImportID string `json:"importId"`
	CourseID string `json:"courseId"`
	Version  int    `json:"version,omitempty"` // absent: the import failed
}

// addEvent writes to the outbox, in the transaction of what the event tells of.
func addEvent(ctx context.Context, tx pgx.Tx, tenantID, kind string, data any) error {
	_, err := tx.Exec(ctx, `INSERT INTO events (tenant_id, id, type, data, occurred_at) VALUES ($1, $2, $3, $4, now())`, tenantID, newID(), kind, data)
	return err
}

// This statement is for all tenants: the worker's. An event meets only webhooks of its own tenant.
const sqlExpandEvents = `WITH due AS (
	SELECT tenant_id, id, type FROM events WHERE NOT expanded ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), made AS (
	INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, next_at)
	SELECT due.tenant_id, gen_random_uuid(), w.id, due.id, greatest(now(), w.open_until)
	FROM due JOIN webhooks w ON w.tenant_id = due.tenant_id AND w.active AND (cardinality(w.events) = 0 OR due.type = ANY (w.events))
	ON CONFLICT (tenant_id, event_id, webhook_id) DO NOTHING
), marked AS (
	UPDATE events e SET expanded = true FROM due WHERE e.tenant_id = due.tenant_id AND e.id = due.id
)
SELECT count(*) FROM due`

// ExpandEvents makes deliveries of events that have none yet, for the webhooks there are now, and says how many events
// it went through: at most limit. Several workers may do it at once.
func (db *DB) ExpandEvents(ctx context.Context, limit int) (n int, err error) {
	err = db.onPrimary(ctx, "expand events", idempotent, func(ctx context.Context, c *pgxpool.Conn) error {
		return c.QueryRow(ctx, sqlExpandEvents, limit).Scan(&n)
	})
	return n, err
}

const (
	// KeepEvents is how long events and their deliveries stay for people to look at.
	KeepEvents = 30 * 24 * time.Hour
	// KeepRemembered is how long the answer to an idempotency key is remembered.
	KeepRemembered = 24 * time.Hour
)

// These statements are for all tenants: the sweeper's.
const (
	sqlForgetEvents = `DELETE FROM events WHERE (tenant_id, id) IN (
		SELECT e.tenant_id, e.id FROM events e WHERE e.expanded AND e.occurred_at < $1 AND NOT EXISTS (
			SELECT FROM deliveries d WHERE d.tenant_id = e.tenant_id AND d.event_id = e.id AND d.next_at IS NOT NULL)
		LIMIT $2)`
	sqlForgetRemembered = `DELETE FROM idempotency_keys WHERE (tenant_id, key) IN (
		SELECT tenant_id, key FROM idempotency_keys WHERE claimed_at < $1 LIMIT $2)`
)

// Forget deletes, of all tenants, what is older than KeepEvents and KeepRemembered: at most limit of each, and says how
// many in all. Deliveries still under way keep their event.
func (db *DB) Forget(ctx context.Context, now time.Time, limit int) (int64, error) {
	events, err := db.exec(ctx, "forget old events", idempotent, sqlForgetEvents, now.Add(-KeepEvents), limit)
	if err != nil {
		return 0, err
	}
	keys, err := db.exec(ctx, "forget old idempotency keys", idempotent, sqlForgetRemembered, now.Add(-KeepRemembered), limit)
	return events + keys, err
}
