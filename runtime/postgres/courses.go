package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/content"
)

const courseColumns = `id, tenant_id, title, latest_version, created_at, suspend_data_limit`

func scanCourse(row pgx.CollectableRow) (c content.Course, err error) {
	err = row.Scan(&c.ID, &c.TenantID, &c.Title, &c.Latest, &c.CreatedAt, &c.SuspendDataLimit)
	return c, err
}

// CreateCourse makes a course without versions; fault.NotFound if there is no such tenant.
func (db *DB) CreateCourse(ctx context.Context, c content.Course) error {
	_, err := db.exec(ctx, "create a course", idempotent,
		`INSERT INTO courses (tenant_id, id, title, latest_version, suspend_data_limit, created_at) VALUES ($1, $2, $3, 0, $4, $5)
		ON CONFLICT (tenant_id, id) DO NOTHING`, c.TenantID, c.ID, c.Title, c.SuspendDataLimit, c.CreatedAt)
	return err
}

// UpdateCourse changes title and limit.
func (db *DB) UpdateCourse(ctx context.Context, c content.Course) error {
	if err := existing("course", c.ID); err != nil {
		return err
	}
	n, err := db.exec(ctx, "update a course", idempotent,
		`UPDATE courses SET title = $3, suspend_data_limit = $4 WHERE tenant_id = $1 AND id = $2 AND NOT erasing`, c.TenantID, c.ID, c.Title, c.SuspendDataLimit)
	return changedOne("course", n, err)
}

// Course is read from the primary: launches depend on it. One that is being erased is none any more.
func (db *DB) Course(ctx context.Context, tenantID, id string) (c content.Course, err error) {
	if err := existing("course", id); err != nil {
		return c, err
	}
	err = db.readPrimary(ctx, "read a course", func(ctx context.Context, q querier) error {
		c, err = one(ctx, q, "course", scanCourse, `SELECT `+courseColumns+` FROM courses WHERE tenant_id = $1 AND id = $2 AND NOT erasing`, tenantID, id)
		return err
	})
	return c, err
}

// Courses are a tenant's courses.
func (db *DB) Courses(ctx context.Context, tenantID string, p Page) (List[content.Course], error) {
	after, err := p.afterID()
	if err != nil {
		return List[content.Course]{}, err
	}
	return readPage(ctx, db, "list courses", p, scanCourse, func(c content.Course) string { return c.ID },
		`SELECT `+courseColumns+` FROM courses WHERE tenant_id = $1 AND NOT erasing AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`, tenantID, after)
}

const versionColumns = `tenant_id, course_id, number, content_id, structure, files, bytes, created_at`

func scanVersion(row pgx.CollectableRow) (v content.Version, err error) {
	err = row.Scan(&v.TenantID, &v.CourseID, &v.Number, &v.ContentID, &v.Structure, &v.Files, &v.Bytes, &v.CreatedAt)
	return v, err
}

// Version is read from the primary: launches depend on it.
func (db *DB) Version(ctx context.Context, tenantID, courseID string, number int) (v content.Version, err error) {
	if err := existing("course", courseID); err != nil {
		return v, err
	}
	err = db.readPrimary(ctx, "read a version", func(ctx context.Context, q querier) error {
		v, err = one(ctx, q, "version of the course", scanVersion,
			`SELECT `+versionColumns+` FROM course_versions WHERE tenant_id = $1 AND course_id = $2 AND number = $3`, tenantID, courseID, number)
		return err
	})
	return v, err
}

// Versions are those of a course; none if there is no such course.
func (db *DB) Versions(ctx context.Context, tenantID, courseID string, p Page) (List[content.Version], error) {
	after, err := p.afterNumber()
	if err == nil {
		err = existing("course", courseID)
	}
	if err != nil {
		return List[content.Version]{}, err
	}
	return readPage(ctx, db, "list versions", p, scanVersion, func(v content.Version) string { return strconv.Itoa(v.Number) },
		`SELECT `+versionColumns+` FROM course_versions WHERE tenant_id = $1 AND course_id = $2 AND ($3::int IS NULL OR number < $3)
		ORDER BY number DESC LIMIT $4`, tenantID, courseID, after)
}
