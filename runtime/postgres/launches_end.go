package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// endLaunch ends a launch from outside, in a transaction: none of its later commits is taken. A launch that has ended stays as
// it is. The attempt is locked first, as commits do it, so that the two cannot wait for each other.
func endLaunch(ctx context.Context, tx pgx.Tx, tenantID, launchID string) error {
	if _, err := tx.Exec(ctx, `SELECT FROM attempts a WHERE a.tenant_id = $1
		AND a.id = (SELECT attempt_id FROM launches WHERE tenant_id = $1 AND id = $2) FOR NO KEY UPDATE`, tenantID, launchID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `WITH over AS (
			UPDATE launches SET ended_at = now(), ended_sequence = 0 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL RETURNING attempt_id, fence
		)
		UPDATE attempts a SET ended_fence = over.fence, ended_sequence = 0 FROM over
		WHERE a.tenant_id = $1 AND a.id = over.attempt_id AND over.fence > a.ended_fence`, tenantID, launchID)
	return err
}
