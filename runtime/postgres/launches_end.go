package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/launch"
)

// EndLaunch ends a launch, opened or not: OpenLaunch refuses its link from now on, its session is over, and its commits are
// refused, those too that its last commit would let pass. It is harmless to end it again.
func (db *DB) EndLaunch(ctx context.Context, tenantID, id string) (l launch.Launch, err error) {
	if err := existing("launch", id); err != nil {
		return l, err
	}
	err = db.inTransaction(ctx, "end a launch", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		// The attempt is locked first, as commits do it, so that the two cannot wait for each other.
		if _, err := tx.Exec(ctx, `SELECT FROM attempts a WHERE a.tenant_id = $1
			AND a.id = (SELECT attempt_id FROM launches WHERE tenant_id = $1 AND id = $2) FOR NO KEY UPDATE`, tenantID, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `WITH over AS (
				UPDATE launches SET ended_at = coalesce(ended_at, now()), ended_sequence = 0
				WHERE tenant_id = $1 AND id = $2 AND ended_sequence IS DISTINCT FROM 0 RETURNING attempt_id, fence
			)
			UPDATE attempts a SET ended_fence = over.fence, ended_sequence = 0 FROM over
			WHERE a.tenant_id = $1 AND a.id = over.attempt_id AND over.fence >= a.ended_fence`, tenantID, id); err != nil {
			return err
		}
		l, err = one(ctx, tx, "launch", scanLaunch, `SELECT `+launchColumns+` FROM launches WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return l, err
}
