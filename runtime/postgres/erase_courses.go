package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
)

// version erases the attempts at it, then itself.
func (b *erasing) version(ctx context.Context) (more bool, err error) {
	course, number := b.e.Subject, b.e.Version
	ids, err := b.ids(ctx, `SELECT id::text FROM attempts WHERE tenant_id = $1 AND course_id = $2 AND version = $3 ORDER BY id LIMIT $4 FOR UPDATE`, course, number, eraseBatch)
	if err != nil {
		return false, err
	}
	if err := b.attempts(ctx, ids); err != nil || len(ids) == eraseBatch {
		return true, err
	}
	if more, err := b.some(ctx, &b.e.Removed.Launches, "launches", `course_id = $2 AND version = $3`, course, number); more || err != nil {
		return more, err
	}
	if err := b.importsWhere(ctx, `course_id = $2 AND version = $3`, course, number); err != nil {
		return false, err
	}
	return false, b.versionsWhere(ctx, `course_id = $2 AND number = $3`, course, number)
}

// course erases its registrations, then all else that belongs to it, then itself.
func (b *erasing) course(ctx context.Context) (more bool, err error) {
	course := b.e.Subject
	b.alsoForget(course)
	b.alsoRemove(erasure.ArchivePrefix(b.e.TenantID, course, ""))
	if more, err := b.registrationsWhere(ctx, `course_id = $2::uuid`, course); more || err != nil {
		return more, err
	}
	if more, err := b.some(ctx, &b.e.Removed.Launches, "launches", `course_id = $2`, course); more || err != nil {
		return more, err
	}
	if more, err := b.some(ctx, &b.e.Removed.Archives, "archives", `course_id = $2`, course); more || err != nil {
		return more, err
	}
	if err := b.importsWhere(ctx, `course_id = $2`, course); err != nil {
		return false, err
	}
	if err := b.versionsWhere(ctx, `course_id = $2`, course); err != nil {
		return false, err
	}
	_, err = b.delete(ctx, &b.e.Removed.Courses, `DELETE FROM courses WHERE tenant_id = $1 AND id = $2`, course)
	return false, err
}

// tenant erases everything, the receipts of other erasures too, and the tenant last.
func (b *erasing) tenant(ctx context.Context) (more bool, err error) {
	t, r := b.e.TenantID, &b.e.Removed
	for _, prefix := range []string{"content/", "uploads/", "archive/"} {
		b.alsoRemove(prefix + t + "/")
	}
	if more, err := b.registrationsWhere(ctx, `$2::text IS NULL`, nil); more || err != nil {
		return more, err
	}
	if more, err := b.some(ctx, &r.Launches, "launches", "true"); more || err != nil {
		return more, err
	}
	if err := b.importsWhere(ctx, "true"); err != nil {
		return false, err
	}
	if err := b.versionsWhere(ctx, "true"); err != nil {
		return false, err
	}
	for _, step := range []struct {
		table string
		count *int64
	}{
		{"courses", &r.Courses}, {"archives", &r.Archives}, {"deliveries", &r.Deliveries}, {"webhooks", &r.Webhooks}, {"events", &r.Events},
		{"idempotency_keys", &r.Answers}, {"api_keys", &r.Keys},
	} {
		if more, err := b.some(ctx, step.count, step.table, "true"); more || err != nil {
			return more, err
		}
	}
	if _, err := b.Exec(ctx, `DELETE FROM erasures WHERE tenant_id = $1 AND id <> $2`, t, b.e.ID); err != nil {
		return false, err
	}
	_, err = b.Exec(ctx, `DELETE FROM tenants WHERE id = $1`, t)
	return false, err
}

// some deletes a batch of a table's rows; all of a tenant's rows are in one partition, so that a row's place names it.
func (b *erasing) some(ctx context.Context, count *int64, table, condition string, args ...any) (more bool, err error) {
	n, err := b.delete(ctx, count, fmt.Sprintf(`DELETE FROM %[1]s WHERE tenant_id = $1 AND ctid = ANY (ARRAY (
		SELECT ctid FROM %[1]s WHERE tenant_id = $1 AND %[2]s LIMIT %[3]d))`, table, condition, eraseBatch), args...)
	return n == eraseBatch, err
}

// importsWhere erases imports; what their workers stored, or store at this moment, is removed with their uploads.
func (b *erasing) importsWhere(ctx context.Context, condition string, args ...any) error {
	rows, err := b.Query(ctx, `DELETE FROM imports WHERE tenant_id = $1 AND `+condition+` RETURNING id::text, attempts`, append([]any{b.e.TenantID}, args...)...)
	if err != nil {
		return err
	}
	var id string
	var attempts int
	_, err = pgx.ForEachRow(rows, []any{&id, &attempts}, func() error {
		b.e.Removed.Imports++
		if b.e.Kind == erasure.Tenant { // which is removed as a whole
			return nil
		}
		b.alsoRemove(content.UploadKey(b.e.TenantID, id))
		for n := 1; n <= attempts; n++ {
			b.alsoRemove(content.FilePrefix(b.e.TenantID, content.AttemptID(id, n)))
		}
		return nil
	})
	return err
}

func (b *erasing) versionsWhere(ctx context.Context, condition string, args ...any) error {
	rows, err := b.Query(ctx, `DELETE FROM course_versions WHERE tenant_id = $1 AND `+condition+` RETURNING content_id, files`, append([]any{b.e.TenantID}, args...)...)
	if err != nil {
		return err
	}
	var contentID string
	var files int64
	_, err = pgx.ForEachRow(rows, []any{&contentID, &files}, func() error {
		b.e.Removed.Versions++
		b.e.Removed.Files += files
		if b.e.Kind != erasure.Tenant {
			b.alsoRemove(content.FilePrefix(b.e.TenantID, contentID))
		}
		return nil
	})
	return err
}
