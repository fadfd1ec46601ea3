package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// EventPing is the type of an event that goes to one webhook because somebody asked for it, whatever types it is for.
// Data: {"webhookId"}.
const EventPing = "webhook.ping"

const sqlPing = `WITH e AS (
		INSERT INTO events (tenant_id, id, type, data, occurred_at, expanded)
		SELECT $1, $3, '` + EventPing + `', $5, $6, true FROM webhooks WHERE tenant_id = $1 AND id = $2
		ON CONFLICT (tenant_id, id) DO NOTHING
	)
	INSERT INTO deliveries (tenant_id, id, webhook_id, event_id, next_at)
	SELECT $1, $4, id, $3, $6 FROM webhooks WHERE tenant_id = $1 AND id = $2
	ON CONFLICT (tenant_id, id) DO UPDATE SET id = excluded.id` // so that a try whose answer was lost counts as one row too

// PingWebhook queues a delivery of EventPing to one webhook.
func (db *DB) PingWebhook(ctx context.Context, tenantID, id string, at time.Time) (Delivery, error) {
	if err := existing("webhook", id); err != nil {
		return Delivery{}, err
	}
	data, err := json.Marshal(map[string]string{"webhookId": id})
	if err != nil {
		return Delivery{}, fmt.Errorf("postgres: encode a ping: %w", err)
	}
	d := Delivery{ID: newID(), TenantID: tenantID, WebhookID: id, EventID: newID(), Type: EventPing, Data: data, OccurredAt: at, NextAt: &at}
	n, err := db.exec(ctx, "ping a webhook", idempotent, sqlPing, tenantID, id, d.EventID, d.ID, data, at)
	return d, changedOne("webhook", n, err)
}
