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
const sqlClaimDeliveries = `WITH due AS (
	SELECT d.tenant_id, d.id FROM deliveries d JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id AND w.active
	WHERE d.next_at <= $1 ORDER BY d.next_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED
)
UPDATE deliveries d SET next_at = $2 FROM due, events e
WHERE d.tenant_id = due.tenant_id AND d.id = due.id AND e.tenant_id = d.tenant_id AND e.id = d.event_id
RETURNING ` + deliveryColumns

// ClaimDeliveries takes due ones of active webhooks for lease, of all tenants. One that nobody settles by then is due again.
func (db *DB) ClaimDeliveries(ctx context.Context, now time.Time, lease time.Duration, limit int) (list []Delivery, err error) {
	err = db.onPrimary(ctx, "claim deliveries", once, func(ctx context.Context, c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, sqlClaimDeliveries, now, now.Add(lease), limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanDelivery)
		return err
	})
	return list, err
}

// SettleDelivery records an attempt. next nil ends it: delivered if status is 2xx, given up otherwise. It is
// fault.Conflict if another worker has settled an attempt since d was claimed, and fault.NotFound if the webhook was deleted.
func (db *DB) SettleDelivery(ctx context.Context, d Delivery, status int, failure string, next *time.Time) error {
	if err := existing("delivery", d.ID); err != nil {
		return err
	}
	delivered := next == nil && status >= 200 && status < 300
	return db.inTransaction(ctx, "settle a delivery", once, func(ctx context.Context, tx pgx.Tx) error {
		attempts, err := one(ctx, tx, "delivery", pgx.RowTo[int], `SELECT attempts FROM deliveries WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, d.TenantID, d.ID)
		if err != nil {
			return err
		}
		if attempts != d.Attempts {
			return fault.New(fault.Conflict, "another worker has settled this delivery")
		}
		_, err = tx.Exec(ctx, `UPDATE deliveries SET attempts = attempts + 1, last_status = $3, last_error = $4, next_at = $5,
			delivered_at = CASE WHEN $6 THEN now() END WHERE tenant_id = $1 AND id = $2`, d.TenantID, d.ID, status, failure, next, delivered)
		return err
	})
}
