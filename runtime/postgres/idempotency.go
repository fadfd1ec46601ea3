package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Remembered is the answer to a request with an Idempotency-Key.
type Remembered struct {
	Fingerprint []byte // SHA-256 of method, path and body
	Status      int    // 0: the request is still under way
	Header      json.RawMessage
	Body        []byte
}

// abandonedAfter is how long a request may be under way: the instance that served it must have died.
const abandonedAfter = 2 * time.Minute

// A key that nobody has, whose answer is too old, or whose request was abandoned is taken.
const (
	sqlClaimKey = `INSERT INTO idempotency_keys AS k (tenant_id, key, claim, fingerprint, claimed_at) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (tenant_id, key) DO UPDATE SET claim = $3, fingerprint = $4, status = 0, header = NULL, body = NULL, claimed_at = now()
		WHERE k.claimed_at < now() - $5::interval OR (k.status = 0 AND k.claimed_at < now() - $6::interval)`
	sqlRemembered = `SELECT claim = $3, fingerprint, status, header, body FROM idempotency_keys WHERE tenant_id = $1 AND key = $2`
)

// Remember claims a key for a request. claimed is false if it is taken; then the answer is what is remembered, for
// KeepRemembered. A request that is still under way after two minutes is taken for dead, and its key may be claimed.
func (db *DB) Remember(ctx context.Context, tenantID, key string, fingerprint []byte) (r Remembered, claimed bool, err error) {
	claim := newID() // the same at every try, so a claim whose answer was lost is ours
	err = db.onPrimary(ctx, "claim an idempotency key", idempotent, func(ctx context.Context, c *pgxpool.Conn) error {
		if _, err := c.Exec(ctx, sqlClaimKey, tenantID, key, claim, fingerprint, KeepRemembered, abandonedAfter); err != nil {
			return err
		}
		return c.QueryRow(ctx, sqlRemembered, tenantID, key, claim).Scan(&claimed, &r.Fingerprint, &r.Status, &r.Header, &r.Body)
	})
	if claimed {
		r = Remembered{}
	}
	return r, claimed, err
}

// CompleteRemembered stores the answer of a request that was under way. The fingerprint is the one it was claimed with.
func (db *DB) CompleteRemembered(ctx context.Context, tenantID, key string, r Remembered) error {
	n, err := db.exec(ctx, "remember an answer", idempotent,
		`UPDATE idempotency_keys SET status = $3, header = $4, body = $5 WHERE tenant_id = $1 AND key = $2`, tenantID, key, r.Status, r.Header, r.Body)
	return changedOne("idempotency key", n, err)
}

// ForgetRemembered frees a key whose request failed without effect. One with an answer stays.
func (db *DB) ForgetRemembered(ctx context.Context, tenantID, key string) error {
	_, err := db.exec(ctx, "free an idempotency key", idempotent,
		`DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key = $2 AND status = 0`, tenantID, key)
	return err
}
