package postgres

import (
	"context"
	"time"

	"github.com/lectern/lectern/runtime/tenant"
)

// Key is read from the primary: it is about to be rotated.
func (db *DB) Key(ctx context.Context, tenantID, keyID string) (k tenant.Key, err error) {
	if err := existing("key", keyID); err != nil {
		return k, err
	}
	err = db.readPrimary(ctx, "read a key", func(ctx context.Context, q querier) error {
		k, err = one(ctx, q, "key", scanKey, `SELECT `+keyColumns+` FROM api_keys WHERE tenant_id = $1 AND id = $2`, tenantID, keyID)
		return err
	})
	return k, err
}

// ExpireKey makes a key end at a time, or earlier if it does already.
func (db *DB) ExpireKey(ctx context.Context, tenantID, keyID string, at time.Time) error {
	if err := existing("key", keyID); err != nil {
		return err
	}
	n, err := db.exec(ctx, "expire a key", idempotent,
		`UPDATE api_keys SET expires_at = least(expires_at, $3) WHERE tenant_id = $1 AND id = $2`, tenantID, keyID, at) // least ignores NULL
	return changedOne("key", n, err)
}
