package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lectern/lectern/runtime/host/database"
)

// Status of a run.
type Status string

// A run is running until it is one of the others, and then stays so.
const (
	Running   Status = "running"
	Succeeded Status = "succeeded" // the command ended with status 0
	Failed    Status = "failed"    // it ended with another, could not be started, or ran into its limit
	Lost      Status = "lost"      // the instance died, or could no longer prove that it alone runs the job; how far the command came is not known
	Stopped   Status = "stopped"   // the instance left and the command did not end in time
	Missed    Status = "missed"    // no instance began it within the time after its slot; it never ran
)

// Run is one record.
type Run struct {
	Job      string    `json:"job"`
	Slot     time.Time `json:"slot"`
	Token    int64     `json:"token"`
	Instance string    `json:"instance"`
	Status   Status    `json:"status"`
	// StartedAt and FinishedAt are the database's time. A missed run has no start, one that runs has no end.
	StartedAt  *time.Time `json:"startedAt,omitempty"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
	// Seconds is how long the command ran; absent if nobody saw its end.
	Seconds *float64 `json:"seconds,omitempty"`
	// Exit is the status of the command, 128 + the signal that ended it; absent if nobody saw its end.
	Exit   *int   `json:"exit,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// limit bounds one statement, connecting included.
const limit = 5 * time.Second

// Records are what has run, in the database of the workload.
type Records struct {
	db    *database.DB
	sql   statements
	ready atomic.Bool // the table is there
}

// NewRecords prepares them. Nothing is asked yet.
func NewRecords(db *database.DB) *Records {
	return &Records{db: db, sql: statementsFor(db.IsPostgres())}
}

// Prepare makes the table if it is not there. Any number of instances may do so at once.
func (r *Records) Prepare(ctx context.Context) error {
	if r.ready.Load() {
		return nil
	}
	err := r.do(ctx, "make the table of job runs", func(ctx context.Context) error {
		var there bool
		if err := r.db.QueryRowContext(ctx, r.sql.exists).Scan(&there); err != nil || there {
			return err
		}
		tx, err := r.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // after the commit it does nothing
		for _, statement := range r.sql.create {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return tx.Commit()
	})
	r.ready.Store(err == nil)
	return err
}

// state is what is known of a job at one moment.
type state struct {
	now    time.Time          // the database's
	token  int64              // the highest that was ever recorded
	active *active            // the run that is running
	slots  map[time.Time]bool // that have a record, of those asked for
}

type active struct {
	slot     time.Time
	token    int64
	instance string
	left     time.Duration // of its lease; not positive: it has passed
}

// state reads the records from a slot on.
func (r *Records) state(ctx context.Context, job string, from time.Time) (state, error) {
	s := state{slots: map[time.Time]bool{}}
	err := r.do(ctx, "read job runs", func(ctx context.Context) error {
		rows, err := r.db.QueryContext(ctx, r.sql.state, job, job, from)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var slot sql.NullTime
			var token, left, highest sql.NullInt64
			var instance sql.NullString
			if err := rows.Scan(&s.now, &highest, &slot, &token, &instance, &left); err != nil {
				return err
			}
			s.token = highest.Int64
			if slot.Valid {
				s.slots[slot.Time.UTC()] = true
			}
			if left.Valid {
				s.active = &active{slot.Time.UTC(), token.Int64, instance.String, time.Duration(left.Int64) * time.Microsecond}
			}
		}
		return rows.Err()
	})
	return s, err
}

// claim is the right to run a slot.
type claim struct {
	job   string
	slot  time.Time
	token int64
}

// begin records that a slot runs. False: it has a record, another run of the job is running, the token is not the
// highest, or the slot is more than maxAhead in the future.
func (r *Records) begin(ctx context.Context, c claim, instance string, lease time.Duration) (bool, error) {
	return r.change(ctx, "record that a job begins", r.sql.begin,
		c.job, c.slot, c.token, instance, string(Running), lease.Microseconds(), c.slot, maxAhead.Microseconds(), c.job, c.token)
}

// renew extends the lease. False: the run is no longer ours.
func (r *Records) renew(ctx context.Context, c claim, lease time.Duration) (bool, error) {
	return r.change(ctx, "renew the lease of a job", r.sql.renew, lease.Microseconds(), c.job, c.slot, c.token)
}

// outcome is how a command ended.
type outcome struct {
	status  Status
	seconds float64
	exit    *int
	reason  string
}

// finish records how it ended. Doing so twice is fine. False: the run is no longer ours.
func (r *Records) finish(ctx context.Context, c claim, o outcome) (bool, error) {
	same := string(o.status)
	if o.status == Lost {
		same = "" // somebody else says that too
	}
	var exit sql.NullInt32
	if o.exit != nil {
		exit = sql.NullInt32{Int32: int32(*o.exit), Valid: true}
	}
	return r.change(ctx, "record how a job ended", r.sql.finish, string(o.status), o.seconds, exit, o.reason, c.job, c.slot, c.token, same)
}

// lose marks a run whose lease has passed. False: somebody renewed it meanwhile.
func (r *Records) lose(ctx context.Context, c claim, reason string) (bool, error) {
	return r.change(ctx, "mark a lost job", r.sql.lose, string(Lost), reason, c.job, c.slot, c.token)
}

// missed records slots that nobody began in time, at most missedAtOnce of them.
func (r *Records) missed(ctx context.Context, job string, token int64, instance string, slots []time.Time) error {
	values := strings.TrimSuffix(strings.Repeat(missedValues+", ", len(slots)), ", ")
	var args []any
	for _, slot := range slots {
		args = append(args, job, slot, token, instance, string(Missed))
	}
	_, err := r.change(ctx, "record missed jobs", r.sql.expand(strings.Replace(missedStatement, "{values}", values, 1)), args...)
	return err
}

// trim removes records older than age, except the last keepAlways.
func (r *Records) trim(ctx context.Context, job string, age time.Duration) (int64, error) {
	var removed int64
	err := r.do(ctx, "trim job runs", func(ctx context.Context) error {
		var oldest time.Time
		err := r.db.QueryRowContext(ctx, r.sql.oldestKept, job, keepAlways-1).Scan(&oldest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		result, err := r.db.ExecContext(ctx, r.sql.trim, job, oldest, -age.Microseconds())
		if err != nil {
			return err
		}
		removed, err = result.RowsAffected()
		return err
	})
	return removed, err
}

// List is the newest runs first: of one job, or of all if job is empty; unwell leaves out those that run or succeeded.
func (r *Records) List(ctx context.Context, job string, unwell bool, atMost int) ([]Run, error) {
	var runs []Run
	err := r.do(ctx, "list job runs", func(ctx context.Context) error {
		rows, err := r.db.QueryContext(ctx, r.sql.list, job, job, unwell, atMost)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var x Run
			if err := rows.Scan(&x.Job, &x.Slot, &x.Token, &x.Instance, &x.Status, &x.StartedAt, &x.FinishedAt, &x.Seconds, &x.Exit, &x.Reason); err != nil {
				return err
			}
			for _, at := range []*time.Time{&x.Slot, x.StartedAt, x.FinishedAt} {
				if at != nil {
					*at = at.UTC()
				}
			}
			runs = append(runs, x)
		}
		return rows.Err()
	})
	if database.IsMissing(err) {
		return nil, nil // no job was ever due
	}
	return runs, err
}

// change runs a statement and says whether it changed something.
func (r *Records) change(ctx context.Context, what, statement string, args ...any) (bool, error) {
	var changed int64
	err := r.do(ctx, what, func(ctx context.Context) error {
		result, err := r.db.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed > 0, err
}

func (r *Records) do(ctx context.Context, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := r.db.Failed(do(ctx)); err != nil {
		if database.IsMissing(err) {
			r.ready.Store(false)
		}
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
