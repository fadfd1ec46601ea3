package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/attempt"
)

// What superseded launches report is the attempt's floor, and goes into its result. Both must still be what the new ones
// were worked out from. An event tells of the result only if that changes.
const sqlImprove = `WITH improved AS (
		UPDATE attempts SET result = $4::jsonb, floor = $6::jsonb, updated_at = now()
		WHERE tenant_id = $1 AND id = $2 AND result = $3::jsonb AND floor IS NOT DISTINCT FROM $5::jsonb
		RETURNING id, registration_id, course_id
	), event AS (
		INSERT INTO events (tenant_id, id, type, data, occurred_at)
		SELECT $1, $7, '` + EventResultChanged + `',
			json_build_object('registrationId', registration_id, 'attemptId', id, 'courseId', course_id, 'result', $4::json), now()
		FROM improved WHERE $3::jsonb <> $4::jsonb
	)
	SELECT count(*) FROM improved`

// improve takes over what is better in a superseded commit. done is false if the attempt is not as w says any more; it is
// fault.Gone if the launch had ended before the commit.
func (db *DB) improve(ctx context.Context, c attempt.Commit, w written) (done bool, err error) {
	if over, err := db.endedBefore(ctx, c); err != nil {
		return false, err
	} else if over {
		return false, launchEnded()
	}
	present, err := decodeResult(c.AttemptID, &w.was)
	if err != nil {
		return false, err
	}
	floor, err := decodeResult(c.AttemptID, w.floor)
	if err != nil {
		return false, err
	}
	better, _ := present.Improve(c.Course)
	higher, raised := floor.Improve(c.Course)
	if !raised { // then the result has it too
		return true, nil
	}
	result, err := json.Marshal(better)
	if err != nil {
		return false, fmt.Errorf("postgres: encode a result: %w", err)
	}
	low, err := json.Marshal(higher)
	if err != nil {
		return false, fmt.Errorf("postgres: encode a result: %w", err)
	}
	err = db.onPrimary(ctx, "improve a result", idempotent, func(ctx context.Context, conn *pgxpool.Conn) error {
		var n int
		err := conn.QueryRow(ctx, sqlImprove, c.TenantID, c.AttemptID, w.was, string(result), w.floor, string(low), newID()).Scan(&n)
		done = n == 1
		return err
	})
	return done, err
}

// endedBefore says whether a superseded launch had ended before this commit of it. That of the launch that ended last
// the batch itself knows.
func (db *DB) endedBefore(ctx context.Context, c attempt.Commit) (over bool, err error) {
	err = db.readPrimary(ctx, "read the end of a launch", func(ctx context.Context, q querier) error {
		err := q.QueryRow(ctx, `SELECT coalesce(ended_sequence < $3, false) FROM launches WHERE tenant_id = $1 AND id = $2`,
			c.TenantID, c.LaunchID, c.Sequence).Scan(&over)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	return over, err
}

// above is r with the floor under its result.
func (r *commitRow) above(c attempt.Commit, floor *string) (*commitRow, error) {
	low, err := decodeResult(c.AttemptID, floor)
	if err != nil {
		return nil, err
	}
	result, _ := c.Course.Improve(low)
	text, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("postgres: encode a result: %w", err)
	}
	raised := *r
	raised.floor, raised.courseRes = floor, string(text)
	return &raised, nil
}

// decodeResult reads a stored result; nil is one that says nothing.
func decodeResult(attemptID string, text *string) (r attempt.Result, err error) {
	if text == nil {
		return attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown}, nil
	}
	if err := json.Unmarshal([]byte(*text), &r); err != nil {
		return r, fmt.Errorf("postgres: a result of attempt %s: %w", attemptID, err)
	}
	return r, nil
}
