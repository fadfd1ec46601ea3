package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Webhook is an address that events are delivered to.
type Webhook struct {
	ID        string    `json:"id"`
	TenantID  string    `json:"-"`
	URL       string    `json:"url"`
	Events    []string  `json:"events"`        // types; empty: all
	Secret    int       `json:"secretVersion"` // the signing secret is derived from the engine's key, the id and this
	Active    bool      `json:"active"`        // if not, it gets no new events, and pending deliveries have ended
	CreatedAt time.Time `json:"createdAt"`
}

const webhookColumns = `id, tenant_id, url, events, secret_version, active, created_at`

func scanWebhook(row pgx.CollectableRow) (w Webhook, err error) {
	err = row.Scan(&w.ID, &w.TenantID, &w.URL, &w.Events, &w.Secret, &w.Active, &w.CreatedAt)
	return w, err
}

// CreateWebhook makes one; fault.NotFound if there is no such tenant.
func (db *DB) CreateWebhook(ctx context.Context, w Webhook) error {
	_, err := db.exec(ctx, "create a webhook", idempotent,
		`INSERT INTO webhooks (tenant_id, id, url, events, secret_version, active, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, id) DO NOTHING`, w.TenantID, w.ID, w.URL, types(w.Events), w.Secret, w.Active, w.CreatedAt)
	return err
}

// UpdateWebhook changes all but the id and the creation. What was to be delivered to one that is not active any more is given up;
// failures are forgotten, since whoever changes a webhook has seen to them.
func (db *DB) UpdateWebhook(ctx context.Context, w Webhook) error {
	if err := existing("webhook", w.ID); err != nil {
		return err
	}
	return db.inTransaction(ctx, "update a webhook", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE webhooks SET url = $3, events = $4, secret_version = $5, active = $6, failures = 0, open_until = NULL WHERE tenant_id = $1 AND id = $2`,
			w.TenantID, w.ID, w.URL, types(w.Events), w.Secret, w.Active)
		if err := changedOne("webhook", tag.RowsAffected(), err); err != nil || w.Active {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE deliveries SET next_at = NULL, last_error = 'the webhook was deactivated' WHERE tenant_id = $1 AND webhook_id = $2 AND next_at IS NOT NULL`,
			w.TenantID, w.ID)
		return err
	})
}

// DeleteWebhook deletes one with its deliveries.
func (db *DB) DeleteWebhook(ctx context.Context, tenantID, id string) error {
	if err := existing("webhook", id); err != nil {
		return err
	}
	n, err := db.exec(ctx, "delete a webhook", once, `DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2`, tenantID, id)
	return changedOne("webhook", n, err)
}

// Webhook is read from the primary: deliveries depend on it.
func (db *DB) Webhook(ctx context.Context, tenantID, id string) (w Webhook, err error) {
	if err := existing("webhook", id); err != nil {
		return w, err
	}
	err = db.readPrimary(ctx, "read a webhook", func(ctx context.Context, q querier) error {
		w, err = one(ctx, q, "webhook", scanWebhook, `SELECT `+webhookColumns+` FROM webhooks WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return w, err
}

// Webhooks are a tenant's webhooks.
func (db *DB) Webhooks(ctx context.Context, tenantID string, p Page) (List[Webhook], error) {
	after, err := p.afterID()
	if err != nil {
		return List[Webhook]{}, err
	}
	return readPage(FromPrimary(ctx), db, "list webhooks", p, scanWebhook, func(w Webhook) string { return w.ID },
		`SELECT `+webhookColumns+` FROM webhooks WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, tenantID, after)
}

// types are never NULL.
func types(events []string) []string {
	if events == nil {
		return []string{}
	}
	return events
}
