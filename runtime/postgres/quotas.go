package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/tenant"
)

// usage is how much a tenant has of what there is a quota for.
var usage = map[tenant.Quota]string{
	tenant.QuotaStorage: `(SELECT coalesce(sum(bytes), 0) FROM course_versions v WHERE v.tenant_id = $1)
		+ (SELECT coalesce(sum((progress->>'bytesTotal')::bigint), 0) FROM imports i WHERE i.tenant_id = $1 AND ` + unfinished + `)`,
	tenant.QuotaCourses:       `(SELECT count(*) FROM courses c WHERE c.tenant_id = $1)`,
	tenant.QuotaRegistrations: `(SELECT count(*) FROM registrations r WHERE r.tenant_id = $1)`,
	tenant.QuotaKeys:          `(SELECT count(*) FROM api_keys k WHERE k.tenant_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()))`,
	tenant.QuotaWebhooks:      `(SELECT count(*) FROM webhooks w WHERE w.tenant_id = $1)`,
	tenant.QuotaImports:       `(SELECT count(*) FROM imports i WHERE i.tenant_id = $1 AND ` + unfinished + `)`,
}

const unfinished = `(state IN ('queued', 'running') OR state = 'waiting' AND created_at > now() - interval '1 day')`

// QuotaUsed is how much a tenant has of something, and how much it may have if that is not the default; nil: it is.
// fault.NotFound if there is no such tenant.
func (db *DB) QuotaUsed(ctx context.Context, tenantID string, q tenant.Quota) (has int64, most *int64, err error) {
	err = db.readPrimary(ctx, "read how much of a quota is used", func(ctx context.Context, c querier) error {
		row, err := one(ctx, c, "tenant", pgx.RowTo[*int64], `SELECT (quotas->>$2)::bigint FROM tenants WHERE id = $1`, tenantID, q)
		if err != nil {
			return err
		}
		most = row
		return c.QueryRow(ctx, `SELECT (`+usage[q]+`)::bigint`, tenantID).Scan(&has)
	})
	return has, most, err
}

// Quotas are those of a tenant that are not the defaults. fault.NotFound if there is no such tenant.
func (db *DB) Quotas(ctx context.Context, tenantID string) (q tenant.Quotas, err error) {
	err = db.read(ctx, "read the quotas of a tenant", func(ctx context.Context, c querier) error {
		q, err = one(ctx, c, "tenant", pgx.RowTo[tenant.Quotas], `SELECT quotas FROM tenants WHERE id = $1`, tenantID)
		return err
	})
	return q, err
}

// SetQuotas changes those of a tenant that are named. fault.NotFound if there is no such tenant.
func (db *DB) SetQuotas(ctx context.Context, tenantID string, q tenant.Quotas) error {
	for name, most := range q {
		if usage[name] == "" || most < 0 {
			return fmt.Errorf("postgres: %d is no quota of %q", most, name)
		}
	}
	n, err := db.exec(ctx, "set the quotas of a tenant", idempotent, `UPDATE tenants SET quotas = quotas || $2 WHERE id = $1`, tenantID, q)
	return changedOne("tenant", n, err)
}
