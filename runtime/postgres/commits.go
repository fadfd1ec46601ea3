package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
)

// A batch of commits is one statement, which is one transaction and one round trip. % is for the partition.
//
//   - It locks the attempts one after the other, in the order of their ids, which is that of the arrays, so that two
//     batches cannot wait for each other. Whatever else writes to an attempt locks it too. What is read of a locked attempt
//     is its newest row.
//   - The rows of activities are those of the statement's snapshot, which may be older than the lock. Therefore the upsert
//     compares again, with the newest row. If it refuses what looked as if it applied, the statement divides by zero:
//     everything is undone, and the batch is sent again.
//   - An attempt's result and state come from its newest commit, whichever activity that is of: a commit that is the
//     newest of its activity alone changes only the activity.
//   - An attempt with a floor changes nothing at first: it answers with the floor, and the commit comes again with what
//     that makes of its result. Attempts without one, nearly all, pay a comparison with NULL for it.
//   - Total time alone makes an event at the end of a launch, not with every commit.
//   - LATERAL with a lock or OFFSET 0, and "= ANY" beside a join, leave the planner no choice but the primary key: a plan
//     made while the tables were small must not read a whole tenant when they are large.
//   - States are picked from their arrays where they are stored: what is unnested is copied from one step to the next.
//   - LIMIT, which cuts nothing off, makes the planner expect one row in its generic plan. Otherwise it would think that a
//     plan of its own for each small batch is cheaper, and planning takes longer than executing.
const (
	sqlCommitBegin = `WITH c AS (
		SELECT u.*, a.registration_id, a.course_id, a.result AS was, a.floor, s.sequence AS stored, a.applied,
			(u.fence, u.sequence) > (a.applied_fence, a.applied_sequence) AS newest,
			CASE WHEN u.fence > a.fence THEN ''
				WHEN s.fence = u.fence AND s.sequence = u.sequence AND ($7::text[])[u.i] = (SELECT d.cmi::text FROM activity_states% d
					WHERE d.tenant_id = $1 AND d.attempt_id = u.attempt_id AND d.activity_id = u.activity_id) THEN 'duplicate'
				WHEN s.fence = u.fence AND s.sequence >= u.sequence THEN 'ordered'
				WHEN u.fence = a.ended_fence AND u.sequence > a.ended_sequence THEN 'ended'
				WHEN u.fence < a.fence THEN 'superseded'
				WHEN u.sequence - a.applied > $14 THEN 'jumped'
				WHEN `

	sqlCommitNoFloor = `a.floor IS NOT NULL`
	// In place of it, in a batch with a commit that knows its attempt's floor.
	sqlCommitFloor = `a.floor IS DISTINCT FROM ($15::text[])[u.i]::jsonb`

	sqlCommitBody = ` THEN 'floored'
				ELSE 'applied' END AS outcome
		FROM (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::text[], $9::text[], $11::boolean[], $12::uuid[])
			WITH ORDINALITY AS u (attempt_id, launch_id, fence, sequence, activity_id, course_result, final, event_id, i) LIMIT $13) u
		CROSS JOIN LATERAL (
			SELECT registration_id, course_id, fence, applied_fence, applied_sequence, result, ended_fence, ended_sequence, floor,
				CASE WHEN applied_fence = u.fence THEN applied_sequence ELSE 0 END AS applied FROM attempts% a
			WHERE a.tenant_id = $1 AND a.id = u.attempt_id FOR NO KEY UPDATE
		) a
		LEFT JOIN LATERAL (
			SELECT fence, sequence FROM activity_states% s
			WHERE s.tenant_id = $1 AND s.attempt_id = u.attempt_id AND s.activity_id = u.activity_id OFFSET 0
		) s ON true
	), activity AS (
		INSERT INTO activity_states% AS s (tenant_id, attempt_id, activity_id, fence, sequence, commits, cmi, result, updated_at)
		SELECT $1, attempt_id, activity_id, fence, sequence, 1, ($7::text[])[i]::json, ($8::text[])[i]::jsonb, now() FROM c WHERE outcome = 'applied'
		ON CONFLICT (tenant_id, attempt_id, activity_id) DO UPDATE
		SET fence = excluded.fence, sequence = excluded.sequence, commits = s.commits + 1, cmi = excluded.cmi, result = excluded.result, updated_at = excluded.updated_at
		WHERE (s.fence, s.sequence) < (excluded.fence, excluded.sequence)
		RETURNING 1
	), event AS (
		INSERT INTO events% (tenant_id, id, type, data, occurred_at)
		SELECT $1, event_id, '` + EventResultChanged + `',
			json_build_object('registrationId', registration_id, 'attemptId', attempt_id, 'courseId', course_id, 'result', course_result::json), now()
		FROM c WHERE outcome = 'applied' AND newest AND CASE WHEN final THEN was <> course_result::jsonb
			ELSE was - 'totalSeconds' <> course_result::jsonb - 'totalSeconds' END
	), attempt AS (
		UPDATE attempts% a SET updated_at = now(),
			result = CASE WHEN newest THEN c.course_result::jsonb ELSE a.result END,
			state = CASE WHEN newest THEN coalesce(($10::text[])[c.i]::json, a.state) ELSE a.state END,
			applied_fence = CASE WHEN newest THEN c.fence ELSE a.applied_fence END,
			applied_sequence = CASE WHEN newest THEN c.sequence ELSE a.applied_sequence END`

	sqlCommitAttempt = `
		FROM c WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND a.id = c.attempt_id AND c.outcome = 'applied'
	)`

	// In place of sqlCommitAttempt, in a batch with a final commit: it ends its launch whatever else becomes of it, and
	// the first one says what its last sequence is.
	sqlCommitFinal = `,
			ended_fence = CASE WHEN c.final THEN greatest(c.fence, a.ended_fence) ELSE a.ended_fence END,
			ended_sequence = CASE WHEN c.final AND c.fence > a.ended_fence THEN c.sequence ELSE a.ended_sequence END
		FROM c WHERE a.tenant_id = $1 AND a.id = ANY ($2::uuid[]) AND a.id = c.attempt_id
			AND (c.outcome = 'applied' OR c.final AND c.outcome IN ('duplicate', 'ordered'))
	), launch AS (
		UPDATE launches% l SET ended_at = now(), ended_sequence = c.sequence
		FROM c WHERE l.tenant_id = $1 AND l.id = ANY ($3::uuid[]) AND l.id = c.launch_id AND l.attempt_id = c.attempt_id
			AND c.final AND c.outcome IN ('applied', 'duplicate', 'ordered', 'superseded') AND l.ended_at IS NULL
	)`

	sqlCommitEnd = ` SELECT attempt_id, outcome, CASE outcome WHEN 'superseded' THEN was::text END,
		CASE WHEN outcome IN ('superseded', 'floored') THEN floor::text END, CASE outcome WHEN 'ordered' THEN stored WHEN 'jumped' THEN applied ELSE 0 END,
		1 / ((SELECT count(*) FROM activity) = (SELECT count(*) FROM c WHERE outcome = 'applied'))::int FROM c`

	// staleCode is division_by_zero.
	staleCode = "22012"
)

// What becomes of a commit beside the outcomes of package attempt.
const (
	fromNowhere attempt.Outcome = ""        // its fence was never given out
	over        attempt.Outcome = "ended"   // its launch had ended
	jumped      attempt.Outcome = "jumped"  // its sequence is too far ahead
	floored     attempt.Outcome = "floored" // the attempt has a floor that it does not know
)

// Commit makes c durable, nearly always in one statement; see package attempt for the outcomes. It is fault.NotFound if there
// is no such attempt, fault.Invalid if its fence is not one that was given out, fault.Gone after the end of its launch, and
// *attempt.JumpError if its sequence is too far ahead. A lost connection is retried until ctx ends, or 30 seconds: the fence and
// sequence make that harmless. Once ctx has ended the commit may still be applied.
func (db *DB) Commit(ctx context.Context, c attempt.Commit) (attempt.Receipt, error) {
	row, err := encodeCommit(c)
	if err != nil {
		return attempt.Receipt{}, err
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryAtMost)
		defer cancel()
	}
	for {
		w, err := db.commits.do(ctx, c.TenantID, row)
		if err != nil {
			return attempt.Receipt{}, err
		}
		switch w.outcome {
		case fromNowhere:
			return attempt.Receipt{}, fault.New(fault.Invalid, "the fence %d is newer than any launch of this attempt", c.Fence)
		case over:
			return attempt.Receipt{}, launchEnded()
		case jumped:
			return attempt.Receipt{}, &attempt.JumpError{Sequence: c.Sequence, Newest: w.sequence}
		case floored:
			if row, err = row.above(c, w.floor); err != nil {
				return attempt.Receipt{}, err
			}
			continue
		case attempt.Superseded:
			done, err := db.improve(ctx, c, w)
			if err != nil {
				return attempt.Receipt{}, err
			}
			if !done {
				continue // somebody changed the result meanwhile; see what it is now
			}
		}
		return attempt.Receipt{Outcome: w.outcome, Sequence: w.sequence}, nil
	}
}

func launchEnded() error {
	return fault.New(fault.Gone, "this launch has ended; open the course again from where you came")
}

// commitRow is a commit as the statement takes it.
type commitRow struct {
	attempt, launch           pgtype.UUID
	fence, sequence           int64
	activity, cmi             string
	activityResult, courseRes string
	state                     *string
	floor                     *string // what courseRes was made with
	final                     bool
}

func (r *commitRow) size() int {
	n := len(r.cmi) + len(r.activity) + len(r.courseRes) + len(r.activityResult)
	if r.state != nil {
		n += len(*r.state)
	}
	return n
}

func encodeCommit(c attempt.Commit) (*commitRow, error) {
	if !isID(c.AttemptID) || !isID(c.LaunchID) {
		return nil, notFound("attempt")
	}
	if c.Fence < 1 || c.Sequence < 1 {
		return nil, fault.New(fault.Invalid, "fence %d and sequence %d: both begin at 1", c.Fence, c.Sequence)
	}
	cmi := c.CMI
	if cmi == nil {
		cmi = map[string]string{}
	}
	r := &commitRow{
		attempt: pgtype.UUID{Bytes: uuid.MustParse(c.AttemptID), Valid: true}, launch: pgtype.UUID{Bytes: uuid.MustParse(c.LaunchID), Valid: true},
		fence: c.Fence, sequence: c.Sequence, activity: c.ActivityID, final: c.Final,
	}
	var errs error
	encode := func(v any) string {
		text, err := json.Marshal(v)
		errs = errors.Join(errs, err)
		return string(text)
	}
	r.cmi, r.activityResult, r.courseRes = encode(cmi), encode(c.Activity), encode(c.Course)
	if c.State != nil {
		r.state = new(string(c.State))
	}
	if errs != nil {
		return nil, fault.New(fault.Invalid, "a result holds a number that JSON has not: %v", errs)
	}
	return r, nil
}

// written is what became of a commit.
type written struct {
	outcome  attempt.Outcome
	was      string  // the attempt's result, if it is superseded
	floor    *string // the attempt's, if it is superseded or floored
	sequence int64   // of what is stored, if it is ordered; the newest of its launch, if it jumped
}

// writeBatch writes commits of different attempts, in the order of their ids. What is missing in the answer has no attempt.
func (db *DB) writeBatch(ctx context.Context, tenantID string, rows []*commitRow) (map[pgtype.UUID]written, error) {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	suffix, err := db.partitions.suffix(ctx, conn, tenantID)
	if err != nil {
		return nil, err
	}
	floor, attempt, args := sqlCommitNoFloor, sqlCommitAttempt, append([]any{tenantID}, columnsOf(rows)...)
	if slices.ContainsFunc(rows, func(r *commitRow) bool { return r.floor != nil }) {
		floor, args = sqlCommitFloor, append(args, floorsOf(rows))
	}
	if slices.ContainsFunc(rows, func(r *commitRow) bool { return r.final }) {
		attempt = sqlCommitFinal
	}
	answer, err := conn.Query(ctx, inPartition(sqlCommitBegin+floor+sqlCommitBody+attempt+sqlCommitEnd, suffix), args...)
	if err != nil {
		return nil, db.watch(err)
	}
	out := make(map[pgtype.UUID]written, len(rows))
	var id pgtype.UUID
	var w written
	var was *string
	var fresh int
	// It returns when the server is ready for the next query: the transaction is committed then, and not before.
	_, err = pgx.ForEachRow(answer, []any{&id, &w.outcome, &was, &w.floor, &w.sequence, &fresh}, func() error {
		w.was = ""
		if was != nil {
			w.was = *was
		}
		out[id] = w
		return nil
	})
	return out, db.watch(err)
}

// columnsOf turns rows into the arrays that the statement unnests, and their number.
func columnsOf(rows []*commitRow) []any {
	n := len(rows)
	attempts, launches, events := make([]pgtype.UUID, n), make([]pgtype.UUID, n), make([]pgtype.UUID, n)
	fences, sequences := make([]int64, n), make([]int64, n)
	activities, cmis, results, courses := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	states, finals := make([]*string, n), make([]bool, n)
	for i, r := range rows {
		attempts[i], launches[i], fences[i], sequences[i] = r.attempt, r.launch, r.fence, r.sequence
		activities[i], cmis[i], results[i], courses[i], states[i], finals[i] = r.activity, r.cmi, r.activityResult, r.courseRes, r.state, r.final
		events[i] = pgtype.UUID{Bytes: uuid.Must(uuid.NewV7()), Valid: true}
	}
	return []any{attempts, launches, fences, sequences, activities, cmis, results, courses, states, finals, events, n, int64(attempt.MostAhead)}
}

func floorsOf(rows []*commitRow) []*string {
	floors := make([]*string, len(rows))
	for i, r := range rows {
		floors[i] = r.floor
	}
	return floors
}
