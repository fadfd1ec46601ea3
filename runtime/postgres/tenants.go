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

// CreateOnlyTenant makes a tenant where there is no other: fault.Conflict if there is one, of whatever id.
func (db *DB) CreateOnlyTenant(ctx context.Context, t tenant.Tenant) error {
	return db.inTransaction(ctx, "create the only tenant", once, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE`); err != nil { // two at once would not see each other
			return err
		}
		var present *string
		if err := tx.QueryRow(ctx, `SELECT min(id) FROM tenants`).Scan(&present); err != nil {
			return err
		}
		if present != nil {
			return fault.New(fault.Conflict, "there is the tenant %q already, and there can be no other: players have one name for all, so a browser would not keep "+
				"the courses of two tenants apart. Give the environment a domain, so that playerUrl has a name for each course (https://*.play.learn.example.com)", *present)
		}
		_, err := tx.Exec(ctx, `INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)`, t.ID, t.Name, t.CreatedAt)
		return err
	})
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
