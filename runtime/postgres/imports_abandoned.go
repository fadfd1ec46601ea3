package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/content"
)

// This statement is for all tenants: the sweeper's.
const sqlAbandonedImports = `SELECT ` + importColumns + ` FROM imports WHERE state = 'waiting' AND created_at < $1 ORDER BY created_at LIMIT $2`

// AbandonedImports are imports of all tenants that were begun before this time, and never said to be uploaded.
func (db *DB) AbandonedImports(ctx context.Context, before time.Time, limit int) (list []content.Import, err error) {
	err = db.readPrimary(ctx, "find abandoned imports", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, sqlAbandonedImports, before, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanImport)
		return err
	})
	return list, err
}

// ForgetImport removes an import that waits, and its course if that has nothing else. One that goes on meanwhile stays.
func (db *DB) ForgetImport(ctx context.Context, tenantID, id string) error {
	if err := existing("import", id); err != nil {
		return err
	}
	return db.inTransaction(ctx, "forget an import", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		var course string
		err := tx.QueryRow(ctx, `DELETE FROM imports WHERE tenant_id = $1 AND id = $2 AND state = 'waiting' RETURNING course_id::text`, tenantID, id).Scan(&course)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return dropEmptyCourse(ctx, tx, tenantID, course)
	})
}
