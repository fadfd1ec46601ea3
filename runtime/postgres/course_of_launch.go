package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/content"
)

// CourseOfLaunch is what commits of a launch are checked against, in one statement: the limit of suspend_data of its course, and the
// structure of its version. Other fields are empty.
func (db *DB) CourseOfLaunch(ctx context.Context, tenantID, launchID string) (c content.Course, v content.Version, err error) {
	if err := existing("launch", launchID); err != nil {
		return c, v, err
	}
	type found struct {
		limit     int
		structure content.Structure
	}
	scan := func(row pgx.CollectableRow) (f found, err error) {
		err = row.Scan(&f.limit, &f.structure)
		return f, err
	}
	err = db.readPrimary(ctx, "read the course of a launch", func(ctx context.Context, q querier) error {
		f, err := one(ctx, q, "launch", scan,
			`SELECT c.suspend_data_limit, v.structure FROM launches l, courses c, course_versions v
			WHERE l.tenant_id = $1 AND l.id = $2 AND c.tenant_id = $1 AND c.id = l.course_id
				AND v.tenant_id = $1 AND v.course_id = l.course_id AND v.number = l.version`, tenantID, launchID)
		c.SuspendDataLimit, v.Structure = f.limit, f.structure
		return err
	})
	return c, v, err
}
