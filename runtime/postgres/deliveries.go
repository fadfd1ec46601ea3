package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/fault"
)

// Delivery is an event on its way to a webhook.
type Delivery struct {
	ID          string          `json:"id"`
	TenantID    string          `json:"-"`
	WebhookID   string          `json:"webhookId"`
	EventID     string          `json:"eventId"`
	Type        string          `json:"type"`
	Data        json.RawMessage `json:"data"`
	OccurredAt  time.Time       `json:"occurredAt"`
	Attempts    int             `json:"attempts"`
	NextAt      *time.Time      `json:"nextAt,omitempty"` // nil: delivered or given up
	DeliveredAt *time.Time      `json:"deliveredAt,omitempty"`
	LastStatus  int             `json:"lastStatus,omitempty"`
	LastError   string          `json:"lastError,omitempty"`
}

const deliveryColumns = `d.id, d.tenant_id, d.webhook_id, d.event_id, e.type, e.data, e.occurred_at, d.attempts, d.next_at, d.delivered_at, d.last_status, d.last_error`

func scanDelivery(row pgx.CollectableRow) (d Delivery, err error) {
	err = row.Scan(&d.ID, &d.TenantID, &d.WebhookID, &d.EventID, &d.Type, &d.Data, &d.OccurredAt, &d.Attempts, &d.NextAt, &d.DeliveredAt, &d.LastStatus, &d.LastError)
	return d, err
}

// Deliveries are those to a webhook, by when their event occurred.
func (db *DB) Deliveries(ctx context.Context, tenantID, webhookID string, p Page) (List[Delivery], error) {
	after, err := p.afterID()
	if err == nil {
		err = existing("webhook", webhookID)
	}
	if err != nil {
		return List[Delivery]{}, err
	}
	return readPage(ctx, db, "list deliveries", p, scanDelivery, func(d Delivery) string { return d.EventID },
		`SELECT `+deliveryColumns+` FROM deliveries d JOIN events e ON e.tenant_id = $1 AND e.id = d.event_id
		WHERE d.tenant_id = $1 AND d.webhook_id = $2 AND ($3::uuid IS NULL OR d.event_id < $3) ORDER BY d.event_id DESC LIMIT $4`,
		tenantID, webhookID, after)
}

// This statement is for all tenants: the worker's. A delivery meets only the webhook and the event of its own tenant.
//
// Each tenant's oldest come first, then each one's second, and so on, so that nobody waits behind what another has piled up. A
// webhook that is on trial after failures gets one delivery, and no other until that is settled or its lease has ended.
const sqlClaimDeliveries = `WITH due AS (
	SELECT d.*, row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.next_at, d.id) + coalesce(busy.running, 0) AS turn
	FROM tenants t LEFT JOIN unnest($4::text[], $5::int[]) AS busy (tenant_id, running) ON busy.tenant_id = t.id
	CROSS JOIN LATERAL (
		SELECT d.tenant_id, d.id, d.next_at, d.webhook_id, w.failures >= $7 AS trial FROM deliveries d
		JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.active AND (w.open_until IS NULL OR w.open_until <= $1)
		WHERE d.tenant_id = t.id AND d.next_at <= $1 AND coalesce(busy.running, 0) < $6 ORDER BY d.next_at LIMIT $6 FOR UPDATE OF d SKIP LOCKED
	) d
), taken AS (
	SELECT tenant_id, id, webhook_id, trial FROM (
		SELECT *, row_number() OVER (PARTITION BY tenant_id, webhook_id ORDER BY next_at, id) AS nth FROM due WHERE turn <= $6
	) due WHERE nth = 1 OR NOT trial ORDER BY turn, next_at LIMIT $3
), tried AS (
	UPDATE webhooks w SET open_until = $2 FROM taken WHERE taken.trial AND w.tenant_id = taken.tenant_id AND w.id = taken.webhook_id
)
UPDATE deliveries d SET next_at = $2 FROM taken, events e
WHERE d.tenant_id = taken.tenant_id AND d.id = taken.id AND e.tenant_id = d.tenant_id AND e.id = d.event_id
RETURNING ` + deliveryColumns

// DeliveryShare says whose deliveries to claim.
type DeliveryShare struct {
	Limit   int            // in all
	Most    int            // of one tenant, those that are running included
	Running map[string]int // tenant → how many deliveries the caller is making
}

// ClaimDeliveries takes due ones of active webhooks for lease, of all tenants in turn. One that nobody settles by then is due again.
func (db *DB) ClaimDeliveries(ctx context.Context, now time.Time, lease time.Duration, share DeliveryShare) (list []Delivery, err error) {
	var tenants []string
	var running []int
	for id, n := range share.Running {
		tenants, running = append(tenants, id), append(running, n)
	}
	err = db.onPrimary(ctx, "claim deliveries", once, func(ctx context.Context, c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, sqlClaimDeliveries, now, now.Add(lease), share.Limit, tenants, running, share.Most, openAfter)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanDelivery)
		return err
	})
	return list, err
}

// A webhook is opened, as a circuit breaker is, after openAfter failures in a row: nothing is delivered for openFirst, which
// doubles with every four more, up to openMost. Then one delivery is on trial; a success closes it.
const (
	openAfter = 5
	openFirst = time.Minute
	openMost  = time.Hour
)

func openFor(failures int) time.Duration {
	return min(openFirst<<min((failures-openAfter)/4, 10), openMost)
}

// SettleDelivery records an attempt. next nil ends it: delivered if status is 2xx, given up otherwise. It is
// fault.Conflict if another worker has settled an attempt since d was claimed, and fault.NotFound if the webhook was deleted.
// A webhook that was deactivated meanwhile gets no further attempt.
func (db *DB) SettleDelivery(ctx context.Context, d Delivery, status int, failure string, next *time.Time) error {
	if err := existing("delivery", d.ID); err != nil {
		return err
	}
	succeeded := status >= 200 && status < 300
	return db.inTransaction(ctx, "settle a delivery", once, func(ctx context.Context, tx pgx.Tx) error {
		attempts, err := one(ctx, tx, "delivery", pgx.RowTo[int], `SELECT attempts FROM deliveries WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, d.TenantID, d.ID)
		if err != nil {
			return err
		}
		if attempts != d.Attempts {
			return fault.New(fault.Conflict, "another worker has settled this delivery")
		}
		if _, err = tx.Exec(ctx, `UPDATE deliveries d SET attempts = attempts + 1, last_status = $3, last_error = $4,
			next_at = CASE WHEN (SELECT w.active FROM webhooks w WHERE w.tenant_id = $1 AND w.id = d.webhook_id) THEN $5::timestamptz END,
			delivered_at = CASE WHEN $6 THEN now() END WHERE d.tenant_id = $1 AND d.id = $2`, d.TenantID, d.ID, status, failure, next, succeeded && next == nil); err != nil {
			return err
		}
		if succeeded {
			_, err = tx.Exec(ctx, `UPDATE webhooks SET failures = 0, open_until = NULL WHERE tenant_id = $1 AND id = $2 AND failures > 0`, d.TenantID, d.WebhookID)
			return err
		}
		return noteFailure(ctx, tx, d)
	})
}

// noteFailure opens a webhook that has failed too often in a row, and puts off what is due, so that nobody has to look at it again before.
func noteFailure(ctx context.Context, tx pgx.Tx, d Delivery) error {
	failures, err := one(ctx, tx, "webhook", pgx.RowTo[int],
		`UPDATE webhooks SET failures = failures + 1 WHERE tenant_id = $1 AND id = $2 RETURNING failures`, d.TenantID, d.WebhookID)
	if fault.Is(err, fault.NotFound) || err == nil && failures < openAfter {
		return nil
	}
	if err != nil {
		return err
	}
	until := time.Now().Add(openFor(failures))
	if _, err := tx.Exec(ctx, `UPDATE webhooks SET open_until = $3 WHERE tenant_id = $1 AND id = $2`, d.TenantID, d.WebhookID, until); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE deliveries SET next_at = $3 WHERE tenant_id = $1 AND webhook_id = $2 AND next_at < now()`, d.TenantID, d.WebhookID, until)
	return err
}

// This statement is for all tenants: the sweeper's.
const sqlEndDeliveries = `UPDATE deliveries SET next_at = NULL, last_error = coalesce(nullif(last_error, ''), 'the receiver did not take it in time')
	WHERE (tenant_id, id) IN (SELECT d.tenant_id, d.id FROM deliveries d JOIN events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
		WHERE d.next_at IS NOT NULL AND e.occurred_at < $1 LIMIT $2)`

// EndDeliveries gives up those of events from before this time, at most limit: their turn never came, since their webhook is open.
func (db *DB) EndDeliveries(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.exec(ctx, "end deliveries", idempotent, sqlEndDeliveries, before, limit)
}
