package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// End ends a launch from outside.
func (db *DB) End(ctx context.Context, tenantID, launchID string) error {
	return db.inTransaction(ctx, "end a launch", idempotent, func(ctx context.Context, tx pgx.Tx) error { return endLaunch(ctx, tx, tenantID, launchID) })
}
