package postgres

import "context"

// WebhookOf is the webhook that a claimed delivery goes to; fault.NotFound if the webhook or the event has been deleted since.
func (db *DB) WebhookOf(ctx context.Context, d Delivery) (w Webhook, err error) {
	err = db.readPrimary(ctx, "read the webhook of a delivery", func(ctx context.Context, q querier) error {
		w, err = one(ctx, q, "delivery", scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE tenant_id = $1 AND id = $2
			AND EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = $1 AND d.id = $3)`, d.TenantID, d.WebhookID, d.ID)
		return err
	})
	return w, err
}
