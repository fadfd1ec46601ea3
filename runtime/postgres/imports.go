package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

const importColumns = `id, tenant_id, course_id, file_name, skeleton, state, progress, report, version, attempts, created_at, finished_at`

func importTargets(i *content.Import) []any {
	return []any{&i.ID, &i.TenantID, &i.CourseID, &i.FileName, &i.Skeleton, &i.State, &i.Progress, &i.Report, &i.Version, &i.Attempts, &i.CreatedAt, &i.FinishedAt}
}

func scanImport(row pgx.CollectableRow) (i content.Import, err error) {
	err = row.Scan(importTargets(&i)...)
	return i, err
}

// CreateImport makes an import that waits for its package; fault.NotFound if there is no such course.
func (db *DB) CreateImport(ctx context.Context, i content.Import) error {
	if err := existing("course", i.CourseID); err != nil {
		return err
	}
	n, err := db.exec(ctx, "create an import", idempotent,
		`INSERT INTO imports (tenant_id, id, course_id, file_name, skeleton, state, progress, created_at)
		SELECT $1, $2, id, $4, $5, $6, $7, $8 FROM courses WHERE tenant_id = $1 AND id = $3 AND NOT erasing FOR KEY SHARE
		ON CONFLICT (tenant_id, id) DO UPDATE SET id = excluded.id`, // so that a try whose answer was lost counts as one row too
		i.TenantID, i.ID, i.CourseID, i.FileName, i.Skeleton, content.ImportWaiting, i.Progress, i.CreatedAt)
	return changedOne("course", n, err)
}

// Import is read from the primary: people watch its progress.
func (db *DB) Import(ctx context.Context, tenantID, id string) (i content.Import, err error) {
	if err := existing("import", id); err != nil {
		return i, err
	}
	err = db.readPrimary(ctx, "read an import", func(ctx context.Context, q querier) error {
		i, err = one(ctx, q, "import", scanImport, `SELECT `+importColumns+` FROM imports WHERE tenant_id = $1 AND id = $2`, tenantID, id)
		return err
	})
	return i, err
}

// Imports are a tenant's imports.
func (db *DB) Imports(ctx context.Context, tenantID string, p Page) (List[content.Import], error) {
	after, err := p.afterID()
	if err != nil {
		return List[content.Import]{}, err
	}
	return readPage(ctx, db, "list imports", p, scanImport, func(i content.Import) string { return i.ID },
		`SELECT `+importColumns+` FROM imports WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, tenantID, after)
}

// QueueImport moves a waiting import to queued. An import that is past that stays as it is and is no error.
func (db *DB) QueueImport(ctx context.Context, tenantID, id string) error {
	if err := existing("import", id); err != nil {
		return err
	}
	n, err := db.exec(ctx, "queue an import", idempotent,
		`UPDATE imports SET state = CASE state WHEN $3 THEN $4 ELSE state END, queued_at = coalesce(queued_at, now())
		WHERE tenant_id = $1 AND id = $2`, tenantID, id, content.ImportWaiting, content.ImportQueued)
	return changedOne("import", n, err)
}

// LeaseImport takes a queued import, or a running one whose lease has ended, for lease. ok is false if somebody else has
// it or it is finished. token fences: the calls below fail with fault.Conflict once another worker has taken over. Time
// is the database's. An import whose lease was lost with the connection comes up again when the lease ends.
func (db *DB) LeaseImport(ctx context.Context, tenantID, id string, lease time.Duration) (i content.Import, token int64, ok bool, err error) {
	if err := existing("import", id); err != nil {
		return i, 0, false, err
	}
	err = db.onPrimary(ctx, "lease an import", once, func(ctx context.Context, q *pgxpool.Conn) error {
		err := q.QueryRow(ctx,
			`UPDATE imports SET state = $3, lease_token = lease_token + 1, lease_until = now() + $4::interval, attempts = attempts + 1
			WHERE tenant_id = $1 AND id = $2 AND (state = $5 OR (state = $3 AND lease_until < now()))
			RETURNING `+importColumns+`, lease_token`,
			tenantID, id, content.ImportRunning, lease, content.ImportQueued).Scan(append(importTargets(&i), &token)...)
		if ok = err == nil; ok {
			return nil
		}
		return missing(ctx, q, err, tenantID, id)
	})
	return i, token, ok, err
}

// This statement is for all tenants: the worker's. Of those that nobody works on it takes one of the tenant that has the
// fewest running, and of these the oldest.
const sqlLeaseNext = `WITH next AS (
	SELECT i.tenant_id, i.id FROM imports i
	WHERE (i.state = 'queued' OR (i.state = 'running' AND i.lease_until < now())) AND NOT i.tenant_id = ANY ($2)
	ORDER BY (SELECT count(*) FROM imports r WHERE r.tenant_id = i.tenant_id AND r.state = 'running' AND r.lease_until >= now()), i.queued_at
	LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE imports i SET state = 'running', lease_token = lease_token + 1, lease_until = now() + $1::interval, attempts = attempts + 1
FROM next WHERE i.tenant_id = next.tenant_id AND i.id = next.id
RETURNING i.id, i.tenant_id, i.course_id, i.file_name, i.skeleton, i.state, i.progress, i.report, i.version, i.attempts, i.created_at, i.finished_at, i.lease_token`

// LeaseNextImport is LeaseImport of whichever import has its turn, but of none of these tenants. ok is false if there is none.
func (db *DB) LeaseNextImport(ctx context.Context, except []string, lease time.Duration) (i content.Import, token int64, ok bool, err error) {
	if except == nil {
		except = []string{}
	}
	err = db.onPrimary(ctx, "lease the next import", once, func(ctx context.Context, q *pgxpool.Conn) error {
		err := q.QueryRow(ctx, sqlLeaseNext, lease, except).Scan(append(importTargets(&i), &token)...)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	return i, token, ok, err
}

// ImportWaits says whether an import is to be done and nobody works on it.
func (db *DB) ImportWaits(ctx context.Context, tenantID, id string) (waits bool, err error) {
	if err := existing("import", id); err != nil {
		return false, err
	}
	err = db.readPrimary(ctx, "read the state of an import", func(ctx context.Context, q querier) error {
		waits, err = one(ctx, q, "import", pgx.RowTo[bool],
			`SELECT state = $3 OR (state = $4 AND lease_until < now()) FROM imports WHERE tenant_id = $1 AND id = $2`, tenantID, id, content.ImportQueued, content.ImportRunning)
		return err
	})
	return waits, err
}

// missing is nil if a statement found no row because of its condition, and fault.NotFound if there is no such import.
func missing(ctx context.Context, q querier, err error, tenantID, id string) error {
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	_, err = one(ctx, q, "import", pgx.RowTo[string], `SELECT state FROM imports WHERE tenant_id = $1 AND id = $2`, tenantID, id)
	return err
}

func takenOver() error {
	return fault.New(fault.Conflict, "another worker has taken this import over, or it is finished")
}

// ReportProgress stores progress and extends the lease.
func (db *DB) ReportProgress(ctx context.Context, tenantID, id string, token int64, p content.Progress, lease time.Duration) error {
	if err := existing("import", id); err != nil {
		return err
	}
	n, err := db.exec(ctx, "report the progress of an import", idempotent,
		`UPDATE imports SET progress = $4, lease_until = now() + $5::interval WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = $6`,
		tenantID, id, token, p, lease, content.ImportRunning)
	if err == nil && n == 0 {
		return takenOver()
	}
	return err
}

// FinishImport ends an import. version nil means refused, and a course that had no other import goes with it; else it becomes the course's next version, whose number is
// returned and set; an empty course title becomes that of the structure. It also queues the event. Finishing again with
// the same token returns the version there is.
func (db *DB) FinishImport(ctx context.Context, tenantID, id string, token int64, r content.Report, version *content.Version) (number int, err error) {
	if err := existing("import", id); err != nil {
		return 0, err
	}
	err = db.inTransaction(ctx, "finish an import", idempotent, func(ctx context.Context, tx pgx.Tx) error {
		var courseID string
		var state content.ImportState
		var holder int64
		err := tx.QueryRow(ctx, `SELECT course_id, state, lease_token, version FROM imports WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tenantID, id).
			Scan(&courseID, &state, &holder, &number)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return notFound("import")
		case err != nil:
			return err
		case holder != token:
			return takenOver()
		case state != content.ImportRunning:
			return nil // an earlier try of ours
		}
		state = content.ImportFailed
		if version != nil {
			state = content.ImportSucceeded
			if number, err = addVersion(ctx, tx, tenantID, courseID, version); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE imports SET state = $3, report = $4, version = $5, finished_at = now(), lease_until = NULL WHERE tenant_id = $1 AND id = $2`,
			tenantID, id, state, r, number); err != nil {
			return err
		}
		if version == nil {
			if err := dropEmptyCourse(ctx, tx, tenantID, courseID); err != nil {
				return err
			}
		}
		return addEvent(ctx, tx, tenantID, EventImportFinished, importFinished{ImportID: id, CourseID: courseID, Version: number})
	})
	if err == nil && version != nil {
		version.Number = number
	}
	return number, err
}

// dropEmptyCourse deletes a course that never had a version, and gets none from another import: it was made for the one
// that is refused. The lock makes an import wait that begins at this moment, and the next statement sees one that did before.
func dropEmptyCourse(ctx context.Context, tx pgx.Tx, tenantID, courseID string) error {
	if _, err := tx.Exec(ctx, `SELECT 1 FROM courses WHERE tenant_id = $1 AND id = $2 FOR UPDATE`, tenantID, courseID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM courses WHERE tenant_id = $1 AND id = $2 AND latest_version = 0 AND NOT EXISTS (
		SELECT FROM imports WHERE tenant_id = $1 AND course_id = $2 AND state IN ('waiting', 'queued', 'running'))`, tenantID, courseID)
	return err
}

func addVersion(ctx context.Context, tx pgx.Tx, tenantID, courseID string, v *content.Version) (number int, err error) {
	if err := tx.QueryRow(ctx, `UPDATE courses SET latest_version = latest_version + 1, title = coalesce(nullif(title, ''), $3)
		WHERE tenant_id = $1 AND id = $2 RETURNING latest_version`, tenantID, courseID, v.Structure.Title).Scan(&number); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO course_versions (`+versionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tenantID, courseID, number, v.ContentID, v.Structure, v.Files, v.Bytes, v.CreatedAt)
	return number, err
}

// This statement is for all tenants: the sweeper's.
const sqlStrandedImports = `SELECT ` + importColumns + ` FROM imports
	WHERE queued_at < $1 AND (state = 'queued' OR (state = 'running' AND lease_until < now())) ORDER BY queued_at LIMIT $2`

// StrandedImports are queued or running imports of all tenants that nobody holds and that were queued before this time: their message was lost.
func (db *DB) StrandedImports(ctx context.Context, before time.Time, limit int) (list []content.Import, err error) {
	err = db.readPrimary(ctx, "find stranded imports", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, sqlStrandedImports, before, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, scanImport)
		return err
	})
	return list, err
}
