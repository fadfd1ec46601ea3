package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/erasure"
)

// erasing is one transaction of an erasure.
//
// Registrations are locked before their attempts, and attempts in the order of their ids, as commits lock them. What would
// refer to them anew waits for these locks, and then finds nothing to refer to.
type erasing struct {
	pgx.Tx
	e *erasure.Erasure
}

// batch removes some; more says whether there may be more.
func (b *erasing) batch(ctx context.Context) (more bool, err error) {
	switch b.e.Kind {
	case erasure.Attempt:
		return false, b.attempt(ctx)
	case erasure.Registration:
		return b.registrationsWhere(ctx, `id = $2::uuid`, b.e.Subject)
	case erasure.Learner:
		needle, err := learnerNeedle(b.e.Secret)
		if err != nil {
			return false, err
		}
		b.alsoForget(needle)
		if more, err = b.registrationsWhere(ctx, `learner_id = $2`, b.e.Secret); more || err != nil {
			return more, err
		}
		return false, b.archivesOf(ctx)
	case erasure.Version:
		return b.version(ctx)
	case erasure.Course:
		return b.course(ctx)
	case erasure.Tenant:
		return b.tenant(ctx)
	}
	return false, errors.New("this version knows no erasing of that")
}

// delete counts what a statement deletes. $1 is the tenant.
func (b *erasing) delete(ctx context.Context, count *int64, sql string, args ...any) (int64, error) {
	tag, err := b.Exec(ctx, sql, append([]any{b.e.TenantID}, args...)...)
	*count += tag.RowsAffected()
	return tag.RowsAffected(), err
}

// ids are what a statement returns. $1 is the tenant.
func (b *erasing) ids(ctx context.Context, sql string, args ...any) ([]string, error) {
	rows, err := b.Query(ctx, sql, append([]any{b.e.TenantID}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (b *erasing) alsoRemove(prefix string) {
	if !slices.Contains(b.e.Prefixes, prefix) {
		b.e.Prefixes = append(b.e.Prefixes, prefix)
	}
}

func (b *erasing) alsoForget(needle string) {
	if !slices.Contains(b.e.Needles, needle) {
		b.e.Needles = append(b.e.Needles, needle)
	}
}

// learnerNeedle is how a learner's id stands in the JSON of a registration.
func learnerNeedle(learnerID string) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // as answers are written
	err := encoder.Encode(learnerID)
	return `"learner":{"id":` + strings.TrimSuffix(text.String(), "\n") + ",", err
}

// attempt erases one. Its file in the archive is removed too: one may be written at this moment.
func (b *erasing) attempt(ctx context.Context) error {
	b.alsoForget(b.e.Subject)
	var courseID, learnerID string
	err := b.QueryRow(ctx, `SELECT r.course_id::text, r.learner_id FROM attempts a JOIN registrations r ON r.tenant_id = $1 AND r.id = a.registration_id
		WHERE a.tenant_id = $1 AND a.id = $2`, b.e.TenantID, b.e.Subject).Scan(&courseID, &learnerID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	b.alsoRemove(erasure.ArchiveKey(b.e.TenantID, courseID, erasure.HashLearner(b.e.TenantID, learnerID), b.e.Subject))
	if _, err := b.delete(ctx, &b.e.Removed.Archives, `DELETE FROM archives WHERE tenant_id = $1 AND attempt_id = $2`, b.e.Subject); err != nil {
		return err
	}
	return b.attempts(ctx, []string{b.e.Subject})
}

// registrationsWhere erases a batch of registrations, with the archive that one learner has of one course.
func (b *erasing) registrationsWhere(ctx context.Context, condition string, arg any) (more bool, err error) {
	type found struct{ id, course, learner string }
	rows, err := b.Query(ctx, `SELECT id::text, course_id::text, learner_id FROM registrations WHERE tenant_id = $1 AND `+condition+`
		ORDER BY id LIMIT $3 FOR UPDATE`, b.e.TenantID, arg, eraseBatch)
	if err != nil {
		return false, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f found, err error) {
		err = row.Scan(&f.id, &f.course, &f.learner)
		return f, err
	})
	if err != nil {
		return false, err
	}
	var ids []string
	for _, f := range list {
		ids = append(ids, f.id)
		if b.e.Kind != erasure.Registration && b.e.Kind != erasure.Learner {
			continue // the whole course or tenant is looked for
		}
		b.alsoForget(f.id)
		hash := erasure.HashLearner(b.e.TenantID, f.learner)
		b.alsoRemove(erasure.ArchivePrefix(b.e.TenantID, f.course, hash))
		if _, err := b.delete(ctx, &b.e.Removed.Archives, `DELETE FROM archives WHERE tenant_id = $1 AND learner_hash = $2 AND course_id = $3`, hash, f.course); err != nil {
			return false, err
		}
	}
	return len(list) == eraseBatch, b.registrations(ctx, ids)
}

// archivesOf erases what a learner has in the archive of courses that there is no registration for any more.
func (b *erasing) archivesOf(ctx context.Context) error {
	courses, err := b.ids(ctx, `SELECT DISTINCT course_id::text FROM archives WHERE tenant_id = $1 AND learner_hash = $2`, b.e.LearnerHash)
	if err != nil {
		return err
	}
	for _, course := range courses {
		b.alsoRemove(erasure.ArchivePrefix(b.e.TenantID, course, b.e.LearnerHash))
	}
	_, err = b.delete(ctx, &b.e.Removed.Archives, `DELETE FROM archives WHERE tenant_id = $1 AND learner_hash = $2`, b.e.LearnerHash)
	return err
}

// registrations erases locked ones, with their attempts.
func (b *erasing) registrations(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	attempts, err := b.ids(ctx, `SELECT id::text FROM attempts WHERE tenant_id = $1 AND registration_id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`, ids)
	if err != nil {
		return err
	}
	if err := b.attempts(ctx, attempts); err != nil {
		return err
	}
	if _, err := b.delete(ctx, &b.e.Removed.Launches, `DELETE FROM launches WHERE tenant_id = $1 AND registration_id = ANY ($2::uuid[])`, ids); err != nil {
		return err
	}
	_, err = b.delete(ctx, &b.e.Removed.Registrations, `DELETE FROM registrations WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`, ids)
	return err
}

// attempts erases them with what was tracked, their launches and their events: a delivery that waits has nothing to carry any more.
func (b *erasing) attempts(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := b.ids(ctx, `SELECT id::text FROM attempts WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`, ids); err != nil {
		return err
	}
	r := &b.e.Removed
	for _, step := range []struct {
		count *int64
		sql   string
	}{
		{&r.Deliveries, `DELETE FROM deliveries d USING events v WHERE d.tenant_id = $1 AND v.tenant_id = $1 AND v.data->>'attemptId' = ANY ($2::text[]) AND d.event_id = v.id`},
		{&r.Events, `DELETE FROM events WHERE tenant_id = $1 AND data->>'attemptId' = ANY ($2::text[])`},
		{&r.Activities, `DELETE FROM activity_states WHERE tenant_id = $1 AND attempt_id = ANY ($2::uuid[])`},
		{&r.Launches, `DELETE FROM launches WHERE tenant_id = $1 AND attempt_id = ANY ($2::uuid[])`},
		{&r.Attempts, `DELETE FROM attempts WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`},
	} {
		if _, err := b.delete(ctx, step.count, step.sql, ids); err != nil {
			return err
		}
	}
	return nil
}

// answers removes remembered answers (Idempotency-Key) that name what was erased.
func (b *erasing) answers(ctx context.Context) error {
	if len(b.e.Needles) == 0 {
		return nil
	}
	_, err := b.delete(ctx, &b.e.Removed.Answers, `DELETE FROM idempotency_keys i WHERE i.tenant_id = $1
		AND EXISTS (SELECT FROM unnest($2::text[]) AS n WHERE position(convert_to(n, 'UTF8') IN i.body) > 0)`, b.e.Needles)
	return err
}
