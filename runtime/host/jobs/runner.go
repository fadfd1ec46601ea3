package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/database"
)

// Options of a Runner.
type Options struct {
	// Jobs with Run filled in: no template any more.
	Jobs     []contract.Job
	Cache    cache.Port   // shared by the fleet
	Database *database.DB // shared by the fleet
	Commands command.Runner
	// User that commands run as; empty: as this process. Usually contract.AppUser.
	User string
	// Dir that they run in; usually contract.CodeDir.
	Dir string
	// EnvironmentJSON is the file with their environment, read before each run; usually contract.EnvironmentJSON. Empty: none.
	EnvironmentJSON string
	// Variables are those of the recipe. What those that are made from secrets hold is hidden in logs and records.
	Variables []contract.Variable
	Instance  string // its id, for the records
	Log       *slog.Logger

	// Observe is told of every run that ended here: its job, whether it succeeded, and how long it took. Nil: nobody.
	Observe func(job string, ok bool, seconds float64)
	// ObserveLost is told of every run that this instance found, or made, lost. Nil: nobody.
	ObserveLost func(job string)

	// DrainLimit is how long running commands may still take when Run's context has ended; 0: none at all.
	DrainLimit time.Duration
	// LockLife is how long others wait for a lock whose holder died; 0: 10 s.
	LockLife time.Duration
	// Lease is how long a run counts as alive without a word from its instance; 0: 30 s, longer than failovers of
	// Aurora take, which must not cost a run.
	Lease time.Duration
	// Late is how long after its time a slot may still begin; 0: 5 min.
	Late time.Duration
	// Now is this host's clock; nil: time.Now.
	Now func() time.Time
}

const (
	defaultLockLife = 10 * time.Second
	defaultLease    = 30 * time.Second
	defaultLate     = 5 * time.Minute
	// maxAhead is how far in the future, by the database's time, a slot may begin: what clocks that are kept in step
	// (Amazon Time Sync) never differ by.
	maxAhead = time.Second
)

// Runner runs the jobs that fall to this host.
type Runner struct {
	o       Options
	records *Records
	jobs    []*job
	started time.Time

	quiet quiet
}

// job is one job and what this host knows of it. One goroutine has it.
type job struct {
	contract.Job
	schedule Schedule
	log      *slog.Logger
	// cursor: every slot before it, that there was since this host's start, has a record.
	cursor  time.Time
	trimmed time.Time // when this host last thought of it
}

var jobName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// New checks the jobs. Nothing is asked yet.
func New(o Options) (*Runner, error) {
	if o.LockLife == 0 {
		o.LockLife = defaultLockLife
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	if o.Late == 0 {
		o.Late = defaultLate
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(string, bool, float64) {}
	}
	if o.ObserveLost == nil {
		o.ObserveLost = func(string) {}
	}
	r := &Runner{o: o, records: NewRecords(o.Database), started: o.Now()}
	var problems error
	for _, j := range o.Jobs {
		if !jobName.MatchString(j.Name) {
			problems = errors.Join(problems, fmt.Errorf("job %q: a name is up to 63 of a-z, 0-9 and -", j.Name))
		}
		if j.LimitSeconds < 1 {
			problems = errors.Join(problems, fmt.Errorf("job %s: limitSeconds %d is no time; use 1 or more", j.Name, j.LimitSeconds))
		}
		schedule, err := ParseSchedule(j.Schedule)
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("job %s: %w", j.Name, err))
		}
		r.jobs = append(r.jobs, &job{Job: j, schedule: schedule, log: o.Log.With("job", j.Name), cursor: r.started})
	}
	return r, problems
}

// Run runs jobs until ctx ends and the commands that then run have ended, or were stopped after DrainLimit.
func (r *Runner) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, j := range r.jobs {
		all.Go(func() { r.watch(ctx, j) })
	}
	all.Wait()
}

// watch waits for the slots of a job and sees to it that each has a record, one way or another.
func (r *Runner) watch(ctx context.Context, j *job) {
	for ctx.Err() == nil {
		slot, err := j.schedule.Next(j.cursor)
		if err != nil {
			j.log.Error("a job is never due again", "error", err)
			return
		}
		if !pause(ctx, slot.Sub(r.o.Now())) {
			return
		}
		again, err := r.attend(ctx, j, slot)
		if err != nil {
			r.complain(j, err)
		}
		if again > 0 && !pause(ctx, again) {
			return
		}
	}
}

// complain logs an error of the shared parts, which all jobs have again and again while one is away.
func (r *Runner) complain(j *job, err error) {
	if r.quiet.news(j.Name) {
		j.log.Warn("a job could not be attended to; trying again", "error", err)
	}
}

// pause is false if ctx ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// quiet lets a complaint pass once in a while.
type quiet struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (q *quiet) news(what string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.last[what]) < time.Minute {
		return false
	}
	if q.last == nil {
		q.last = map[string]time.Time{}
	}
	q.last[what] = time.Now()
	return true
}
