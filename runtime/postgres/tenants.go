package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

// CreateTenant makes a tenant; fault.Conflict if its id is taken, also by one that is still being erased.
func (db *DB) CreateTenant(ctx context.Context, t tenant.Tenant) error {
	n, err := db.exec(ctx, "create a tenant", once,
		`INSERT INTO tenants (id, name, created_at) SELECT $1, $2, $3
		WHERE NOT EXISTS (SELECT FROM erasures WHERE tenant_id = $1 AND kind = 'tenant' AND finished_at IS NULL)
		ON CONFLICT (id) DO NOTHING`, t.ID, t.Name, t.CreatedAt)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "there is a tenant %q already, or one that is being erased; choose another id", t.ID)
	}
	return err
}

// Tenants are all tenants, by id. They are for the operator; nothing that a tenant's key reaches calls it.
func (db *DB) Tenants(ctx context.Context) ([]tenant.Tenant, error) {
	var list []tenant.Tenant
	err := db.readPrimary(ctx, "list the tenants", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT id, name, created_at FROM tenants ORDER BY id`)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[tenant.Tenant])
		return err
	})
	return list, err
}
