package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/registration"
)

// Record is a line of an export or of an archived attempt: see docs/reference/export.md. Data is a registration, an attempt, an
// activity, a launch or an event, as the API shows them, and more where the API leaves something out.
type Record struct {
	Record string `json:"record"`
	Data   any    `json:"data"`
}

type attemptRecord struct {
	attempt.Attempt
	State json.RawMessage `json:"state"` // of the player
}

type activityRecord struct {
	AttemptID string `json:"attemptId"`
	attempt.ActivityState
}

type eventRecord struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	OccurredAt time.Time       `json:"occurredAt"`
	Data       json.RawMessage `json:"data"`
}

// activitiesAtOnce bounds what an export holds in memory: an activity's state may have a mebibyte.
const activitiesAtOnce = 8

// RegistrationRecords hands over all that is kept of a registration, line by line, from the primary. No connection is held
// while emit works; each page is of its own moment.
func (db *DB) RegistrationRecords(ctx context.Context, r registration.Registration, emit func(Record) error) error {
	if err := emit(Record{"registration", r}); err != nil {
		return err
	}
	ctx = FromPrimary(ctx)
	if err := eachItem(func(p Page) (List[attempt.Attempt], error) { return db.Attempts(ctx, r.TenantID, r.ID, p) }, func(a attempt.Attempt) error {
		return db.AttemptRecords(ctx, a, emit)
	}); err != nil {
		return err
	}
	return eachItem(func(p Page) (List[launch.Launch], error) { return db.Launches(ctx, r.TenantID, r.ID, p) }, func(l launch.Launch) error {
		return emit(Record{"launch", l})
	})
}

// AttemptRecords hands over an attempt, its activities and its events.
func (db *DB) AttemptRecords(ctx context.Context, a attempt.Attempt, emit func(Record) error) error {
	if err := emit(Record{"attempt", attemptRecord{a, a.State}}); err != nil {
		return err
	}
	for after, more := "", true; more; {
		list, err := db.activitiesAfter(ctx, a.TenantID, a.ID, after)
		if err != nil {
			return err
		}
		for _, s := range list {
			after = s.ActivityID
			if err := emit(Record{"activity", activityRecord{a.ID, s}}); err != nil {
				return err
			}
		}
		more = len(list) == activitiesAtOnce
	}
	events, err := db.eventsOf(ctx, a.TenantID, a.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := emit(Record{"event", e}); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) activitiesAfter(ctx context.Context, tenantID, attemptID, after string) (list []attempt.ActivityState, err error) {
	err = db.readPrimary(ctx, "read activities", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT activity_id, commits, cmi, result, updated_at FROM activity_states
			WHERE tenant_id = $1 AND attempt_id = $2 AND activity_id > $3 ORDER BY activity_id LIMIT $4`, tenantID, attemptID, after, activitiesAtOnce)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[attempt.ActivityState])
		return err
	})
	return list, err
}

func (db *DB) eventsOf(ctx context.Context, tenantID, attemptID string) (list []eventRecord, err error) {
	err = db.readPrimary(ctx, "read the events of an attempt", func(ctx context.Context, q querier) error {
		rows, err := q.Query(ctx, `SELECT id, type, occurred_at, data FROM events WHERE tenant_id = $1 AND data->>'attemptId' = $2 ORDER BY id`, tenantID, attemptID)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[eventRecord])
		return err
	})
	return list, err
}

// EachRegistration hands over a tenant's registrations, newest first, from the primary; of one learner, if there is a filter.
func (db *DB) EachRegistration(ctx context.Context, tenantID string, f RegistrationFilter, do func(registration.Registration) error) error {
	ctx = FromPrimary(ctx)
	return eachItem(func(p Page) (List[registration.Listed], error) { return db.Registrations(ctx, tenantID, f, p) },
		func(r registration.Listed) error { return do(r.Registration) })
}

// eachItem goes through all pages of a list.
func eachItem[T any](page func(Page) (List[T], error), do func(T) error) error {
	for p := (Page{Limit: maxLimit}); ; {
		l, err := page(p)
		if err != nil {
			return err
		}
		for _, item := range l.Items {
			if err := do(item); err != nil {
				return err
			}
		}
		if l.Next == "" {
			return nil
		}
		p.After = l.Next
	}
}

// EachCourse hands over a tenant's courses, newest first, each followed by its versions.
func (db *DB) EachCourse(ctx context.Context, tenantID string, course func(content.Course) error, version func(content.Version) error) error {
	ctx = FromPrimary(ctx)
	return eachItem(func(p Page) (List[content.Course], error) { return db.Courses(ctx, tenantID, p) }, func(c content.Course) error {
		if err := course(c); err != nil {
			return err
		}
		return eachItem(func(p Page) (List[content.Version], error) { return db.Versions(ctx, tenantID, c.ID, p) }, version)
	})
}
