package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/erasure"
)

const erasureColumns = `id, tenant_id, kind, subject, version, learner_hash, coalesce(learner_id, ''), requested_by, requested_at, state, finished_at, removed, prefixes, needles`

func scanErasure(row pgx.CollectableRow) (e erasure.Erasure, err error) {
	err = row.Scan(&e.ID, &e.TenantID, &e.Kind, &e.Subject, &e.Version, &e.LearnerHash, &e.Secret, &e.RequestedBy, &e.RequestedAt, &e.State, &e.FinishedAt,
		&e.Removed, &e.Prefixes, &e.Needles)
	return e, err
}

// eraseBatch is how many registrations, attempts or other rows one transaction removes with all that hangs on them.
const eraseBatch = 200

// Erasure is read from the primary: people watch it.
func (db *DB) Erasure(ctx context.Context, tenantID, id string) (e erasure.Erasure, err error) {
	if err := existing("erasure", id); err != nil {
		return e, err
	}
	err = db.readPrimary(ctx, "read an erasure", func(ctx context.Context, q querier) error {
		e, err = one(ctx, q, "erasure", scanErasure, `SELECT `+erasureColumns+` FROM erasures WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return e, err
}

// Erasures are those of a tenant.
func (db *DB) Erasures(ctx context.Context, tenantID string, p Page) (List[erasure.Erasure], error) {
	after, err := p.afterID()
	if err != nil {
		return List[erasure.Erasure]{}, err
	}
	return readPage(FromPrimary(ctx), db, "list erasures", p, scanErasure, func(e erasure.Erasure) string { return e.ID },
		`SELECT `+erasureColumns+` FROM erasures WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, tenantID, after)
}

// This statement is for all tenants: the worker's.
const sqlClaimErasures = `WITH due AS (
	SELECT tenant_id, id FROM erasures WHERE finished_at IS NULL AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
), claimed AS (
	UPDATE erasures e SET due_at = now() + $1::interval FROM due WHERE e.tenant_id = due.tenant_id AND e.id = due.id
	RETURNING e.*
)
SELECT ` + erasureColumns + ` FROM claimed`

// ClaimErasures takes unfinished ones that are due for lease, of all tenants. One whose worker dies is due again then.
func (db *DB) ClaimErasures(ctx context.Context, lease time.Duration, limit int) (list []erasure.Erasure, err error) {
	err = db.onPrimary(ctx, "claim erasures", once, func(ctx context.Context, c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, sqlClaimErasures, lease, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanErasure)
		return err
	})
	return list, err
}

// EraseRows removes up to eraseBatch rows and what hangs on them, counts them, and extends the lease. more says whether
// there may be more of them.
func (db *DB) EraseRows(ctx context.Context, tenantID, id string, lease time.Duration) (e erasure.Erasure, more bool, err error) {
	if err := existing("erasure", id); err != nil {
		return e, false, err
	}
	err = db.inTransaction(ctx, "erase", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		e, err = one(ctx, tx, "erasure", scanErasure, `SELECT `+erasureColumns+` FROM erasures WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tenantID, id)
		if err != nil || e.State == erasure.Finished {
			more = false
			return err
		}
		if more, err = eraseSome(ctx, tx, &e); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE erasures SET due_at = now() + $3::interval WHERE tenant_id = $1 AND id = $2`, tenantID, id, lease)
		return err
	})
	return e, more, err
}

// SettleErasure says that rows and objects are removed; it is due once more after a while.
func (db *DB) SettleErasure(ctx context.Context, tenantID, id string, after time.Duration) error {
	if err := existing("erasure", id); err != nil {
		return err
	}
	n, err := db.exec(ctx, "settle an erasure", idempotent,
		`UPDATE erasures SET state = $3, due_at = now() + $4::interval WHERE tenant_id = $1 AND id = $2 AND finished_at IS NULL`, tenantID, id, erasure.Settling, after)
	return changedOne("erasure", n, err)
}

// FinishErasure makes it a receipt, without the learner's id.
func (db *DB) FinishErasure(ctx context.Context, tenantID, id string) error {
	if err := existing("erasure", id); err != nil {
		return err
	}
	n, err := db.exec(ctx, "finish an erasure", idempotent,
		`UPDATE erasures SET state = $3, finished_at = coalesce(finished_at, now()), learner_id = NULL, prefixes = '{}', needles = '{}'
		WHERE tenant_id = $1 AND id = $2`, tenantID, id, erasure.Finished)
	return changedOne("erasure", n, err)
}

// eraseSome removes a batch, and keeps in the row of the erasure what came of it.
func eraseSome(ctx context.Context, tx pgx.Tx, e *erasure.Erasure) (more bool, err error) {
	b := &erasing{Tx: tx, e: e}
	if more, err = b.batch(ctx); err != nil {
		return false, fmt.Errorf("erase a %s: %w", e.Kind, err)
	}
	if !more {
		if err := b.answers(ctx); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE erasures SET removed = $3, prefixes = $4, needles = $5 WHERE tenant_id = $1 AND id = $2`,
		e.TenantID, e.ID, e.Removed, texts(e.Prefixes), texts(e.Needles))
	return more, err
}

// texts are never NULL.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
