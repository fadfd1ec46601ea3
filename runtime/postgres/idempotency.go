package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/fault"
)

// Remembered is the answer to a request with an Idempotency-Key.
type Remembered struct {
	Fingerprint []byte // SHA-256 of method, path and body
	Status      int    // 0: the request is still under way
	Header      json.RawMessage
	Body        []byte
}

// Claim is a request with an Idempotency-Key under way, and the transaction in which it does all that it does: what it wrote
// and that it was done are committed together, or neither is. The store's methods use it when they are given its context.
type Claim struct {
	db            *DB
	conn          *pgxpool.Conn
	tx            pgx.Tx
	tenantID, key string
	after         []func()
	over          bool
}

type claimKey struct{}

func claimOf(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

// abandonedAfter is how long a request of the release before may be under way: that one claimed keys in transactions of their own.
const abandonedAfter = 2 * time.Minute

// Whoever has the lock is at it. A key that nobody has, whose answer is too old, or whose request was abandoned is taken.
const (
	sqlLockKey    = `SELECT pg_try_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))`
	sqlRemembered = `SELECT fingerprint, status, header, body FROM idempotency_keys
		WHERE tenant_id = $1 AND key = $2 AND claimed_at >= now() - $3::interval AND (status <> 0 OR claimed_at >= now() - $4::interval)`
	sqlClaimKey = `INSERT INTO idempotency_keys AS k (tenant_id, key, claim, fingerprint, claimed_at) VALUES ($1, $2, $3, $4, now())
		ON CONFLICT (tenant_id, key) DO UPDATE SET claim = $3, fingerprint = $4, status = 0, header = NULL, body = NULL, claimed_at = now()`
)

// Claim claims a key for a request; Complete or Abandon must follow. If the key is taken the claim is nil, and the answer is what
// is remembered, for KeepRemembered: status 0 if the request is still under way.
func (db *DB) Claim(ctx context.Context, tenantID, key string, fingerprint []byte) (c *Claim, first Remembered, err error) {
	err = db.retry(ctx, "claim an idempotency key", idempotent, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, tryFor)
		defer cancel()
		conn, err := db.Acquire(ctx)
		if err != nil {
			return err
		}
		tx, err := conn.Begin(ctx)
		if err != nil {
			conn.Release()
			return db.watch(err)
		}
		c = &Claim{db: db, conn: conn, tx: tx, tenantID: tenantID, key: key}
		first, err = c.take(ctx, fingerprint)
		if err != nil || first.Fingerprint != nil {
			c.Abandon()
			c = nil
		}
		return db.watch(err)
	})
	return c, first, err
}

// take is nothing remembered if the key is the claim's now.
func (c *Claim) take(ctx context.Context, fingerprint []byte) (first Remembered, err error) {
	var free bool
	if err := c.tx.QueryRow(ctx, sqlLockKey, c.tenantID, c.key).Scan(&free); err != nil {
		return first, err
	}
	if !free {
		return Remembered{Fingerprint: fingerprint}, nil
	}
	err = c.tx.QueryRow(ctx, sqlRemembered, c.tenantID, c.key, KeepRemembered, abandonedAfter).Scan(&first.Fingerprint, &first.Status, &first.Header, &first.Body)
	if !errors.Is(err, pgx.ErrNoRows) {
		return first, err
	}
	_, err = c.tx.Exec(ctx, sqlClaimKey, c.tenantID, c.key, newID(), fingerprint)
	return Remembered{}, err
}

// Context makes the store's methods do what they do in the claim's transaction. One at a time.
func (c *Claim) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// Afterwards calls f when what was done with ctx is committed: after Complete, or at once without a claim. It is not called if nothing is.
func Afterwards(ctx context.Context, f func()) {
	if c := claimOf(ctx); c != nil {
		c.after = append(c.after, f)
		return
	}
	f()
}

// Complete remembers the answer, and commits it with all that was done. The fingerprint is the one it was claimed with. After
// an error nobody knows whether it was committed; a repetition will.
func (c *Claim) Complete(ctx context.Context, r Remembered) error {
	defer c.Abandon()
	_, err := c.tx.Exec(ctx, `UPDATE idempotency_keys SET status = $3, header = $4, body = $5 WHERE tenant_id = $1 AND key = $2`, c.tenantID, c.key, r.Status, r.Header, r.Body)
	if err == nil {
		err = c.tx.Commit(ctx)
	}
	if err != nil {
		return c.failed("remember an answer", c.db.watch(err))
	}
	for _, f := range c.after {
		f()
	}
	return nil
}

// Abandon undoes all that was done, unless it is complete, and frees the key.
func (c *Claim) Abandon() {
	if c.over {
		return
	}
	c.over = true
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.tx.Rollback(ctx) // a connection that is broken is thrown away, and the server undoes it
	c.conn.Release()
}

// do is one step: it is undone alone if it fails, so that the request may go on. It is not tried again, since what came before it
// is lost with the connection.
func (c *Claim) do(ctx context.Context, what string, step func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	return c.failed(what, c.db.watch(pgx.BeginFunc(ctx, c.tx, func(tx pgx.Tx) error { return step(ctx, tx) })))
}

// failed says what failed, as retry does.
func (c *Claim) failed(what string, err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	err = fmt.Errorf("postgres: %s: %w", what, err)
	if classify(err) != final {
		return fmt.Errorf("%w: %w", unavailable(), err)
	}
	return dataFault(err)
}
