package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

const keyColumns = `id, tenant_id, name, scopes, created_at, expires_at, revoked_at, last_used_at`

func scanKey(row pgx.CollectableRow) (k tenant.Key, err error) {
	err = row.Scan(&k.ID, &k.TenantID, &k.Name, &k.Scopes, &k.CreatedAt, &k.ExpiresAt, &k.RevokedAt, &k.LastUsedAt)
	return k, err
}

// CreateKey stores a key under the SHA-256 of its secret; fault.NotFound if there is no such tenant.
func (db *DB) CreateKey(ctx context.Context, k tenant.Key, hash []byte) error {
	scopes := make([]string, len(k.Scopes))
	for i, s := range k.Scopes {
		scopes[i] = string(s)
	}
	_, err := db.exec(ctx, "create a key", idempotent,
		`INSERT INTO api_keys (tenant_id, id, name, scopes, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, id) DO NOTHING`,
		k.TenantID, k.ID, k.Name, scopes, hash, k.CreatedAt, k.ExpiresAt)
	return err
}

// This statement names no tenant: the key's id and hash lead to it.
const sqlKeyByHash = `SELECT ` + keyColumns + ` FROM api_keys
	WHERE id = $1 AND hash = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`

// KeyByHash finds a key that is neither revoked nor expired, else fault.Unauthorized. (Authentication is the one query
// that knows no tenant yet: the key's id and hash lead to it.)
func (db *DB) KeyByHash(ctx context.Context, keyID string, hash []byte) (k tenant.Key, err error) {
	refused := fault.New(fault.Unauthorized, "this key is unknown, revoked or expired")
	if !isID(keyID) {
		return k, refused
	}
	err = db.readPrimary(ctx, "find a key", func(ctx context.Context, q querier) error {
		k, err = one(ctx, q, "key", scanKey, sqlKeyByHash, keyID, hash)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return k, refused
	}
	return k, err
}

// TouchKey notes that a key was used. It never goes back in time.
func (db *DB) TouchKey(ctx context.Context, tenantID, keyID string, at time.Time) error {
	if err := existing("key", keyID); err != nil {
		return err
	}
	n, err := db.exec(ctx, "note the use of a key", idempotent,
		`UPDATE api_keys SET last_used_at = greatest(last_used_at, $3) WHERE tenant_id = $1 AND id = $2`, tenantID, keyID, at)
	return changedOne("key", n, err)
}

// Keys are a tenant's keys, the revoked ones too.
func (db *DB) Keys(ctx context.Context, tenantID string, p Page) (List[tenant.Key], error) {
	after, err := p.afterID()
	if err != nil {
		return List[tenant.Key]{}, err
	}
	return readPage(FromPrimary(ctx), db, "list keys", p, scanKey, func(k tenant.Key) string { return k.ID },
		`SELECT `+keyColumns+` FROM api_keys WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, tenantID, after)
}

// RevokeKey ends a key. One that is revoked already keeps its time.
func (db *DB) RevokeKey(ctx context.Context, tenantID, keyID string, at time.Time) error {
	if err := existing("key", keyID); err != nil {
		return err
	}
	n, err := db.exec(ctx, "revoke a key", idempotent,
		`UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE tenant_id = $1 AND id = $2`, tenantID, keyID, at)
	return changedOne("key", n, err)
}
