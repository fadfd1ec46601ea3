package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lectern/lectern/runtime/cache"
)

const (
	// missedAtOnce is how many missed slots one statement records.
	missedAtOnce = 500
	// patience is how long a holder whom the database does not answer keeps the lock from hosts whom it might.
	patience = 5 * time.Second

	keepFor    = 30 * 24 * time.Hour
	keepAlways = 100
	trimEvery  = time.Hour
)

// turn is what the holder of the lock does: it finds out what became of earlier runs, and runs what is due, oldest
// first, until nothing is, the lock is lost (held ends) or the host leaves (staying ends). The answer is when to look
// again; 0: at the next slot.
func (r *Runner) turn(held, staying context.Context, j *job, token int64) (time.Duration, error) {
	t := &turn{Runner: r, job: j, token: token}
	for held.Err() == nil && staying.Err() == nil {
		slot, err := j.schedule.Next(j.cursor)
		if err != nil {
			return 0, err
		}
		if slot.After(r.o.Now()) {
			t.trim(held)
			return 0, nil
		}
		again, err := t.step(held, staying)
		switch {
		case err == nil && again == 0:
			t.failing = time.Time{}
		case err == nil:
			return again, nil
		case errors.Is(err, cache.ErrLockLost) || errors.Is(err, errUnrecorded) || t.outOfPatience():
			return 0, err
		default:
			pause(held, min(r.o.LockLife/10, time.Second))
		}
	}
	return 0, context.Cause(held)
}

type turn struct {
	*Runner
	*job
	token   int64
	failing time.Time // when the database first did not answer; zero: it does
	unsure  time.Time // the slot of which it did not answer whether its run has begun; zero: none
}

// outOfPatience: nobody else can begin while a run that perhaps has begun has a lease, so there is no hurry then.
func (t *turn) outOfPatience() bool {
	if t.failing.IsZero() {
		t.failing = time.Now()
	}
	if !t.unsure.IsZero() {
		return time.Since(t.failing) > t.o.Lease
	}
	return time.Since(t.failing) > min(patience, t.o.LockLife)
}

// step does the next thing that there is to do. The answer is when to look again, if the turn shall end.
func (t *turn) step(held, staying context.Context) (time.Duration, error) {
	if err := t.records.Prepare(held); err != nil {
		return 0, err
	}
	s, err := t.records.state(held, t.Name, t.cursor)
	if err != nil {
		return 0, err
	}
	if s.token > t.token {
		return 0, fmt.Errorf("%w: token %d is behind %d, which the records know", cache.ErrLockLost, t.token, s.token)
	}
	if s.active != nil {
		return 0, t.await(held, staying, s.active)
	}
	t.unsure = time.Time{}
	now := t.o.Now()
	if skew := now.Sub(s.now); (skew > maxAhead || skew < -maxAhead) && t.quiet.news("clock") {
		t.log.Warn("the clock of this host is not that of the database", "aheadSeconds", skew.Seconds())
	}
	slot, missed, err := t.due(s, now)
	if err != nil {
		return 0, err
	}
	if len(missed) > 0 {
		return 0, t.miss(held, missed)
	}
	if slot.IsZero() {
		return 0, nil
	}
	if ahead := slot.Sub(s.now); ahead > maxAhead {
		return ahead - maxAhead/2, nil
	}
	return 0, t.begin(held, staying, claim{t.Name, slot, t.token})
}

// due is the oldest slot without a record that may still begin, and those before it that may not. It moves the cursor
// over those that have a record.
func (t *turn) due(s state, now time.Time) (slot time.Time, missed []time.Time, err error) {
	tooOld := now.Add(-t.o.Late)
	if s.now.Before(now) {
		tooOld = s.now.Add(-t.o.Late) // a host whose clock is ahead does not give up early
	}
	for at := t.cursor; len(missed) < missedAtOnce; at = slot.Add(time.Second) {
		if slot, err = t.schedule.Next(at); err != nil {
			return slot, missed, err
		}
		switch {
		case slot.After(now):
			if len(missed) == 0 {
				t.cursor = slot
			}
			return time.Time{}, missed, nil
		case s.slots[slot]:
			if len(missed) == 0 {
				t.cursor = slot.Add(time.Second)
			}
		case slot.Before(tooOld):
			missed = append(missed, slot)
		default:
			return slot, missed, nil
		}
	}
	return time.Time{}, missed, nil
}

func (t *turn) miss(ctx context.Context, slots []time.Time) error {
	if err := t.records.missed(ctx, t.Name, t.token, t.o.Instance, slots); err != nil {
		return err
	}
	last := slots[len(slots)-1]
	t.log.Error("a job missed its time", "slots", len(slots), "first", slots[0], "last", last, "because", "no instance could begin it within "+t.o.Late.String())
	t.cursor = last.Add(time.Second)
	return nil
}

// await deals with a run that the records call running: it is this turn's own, or its holder died, or lives without a
// lock because the cache forgot it.
func (t *turn) await(held, staying context.Context, a *active) error {
	c := claim{t.Name, a.slot, a.token}
	if a.token == t.token && a.slot.Equal(t.unsure) {
		return t.adopt(held, staying, c)
	}
	if a.left > 0 {
		pause(held, min(a.left+time.Millisecond, time.Second))
		return nil
	}
	lost, err := t.records.lose(held, c, "the instance was not heard of any more")
	if err == nil && lost {
		t.log.Error("a run of a job was lost: its instance was not heard of any more; it is not repeated", "slot", a.slot, "instance", a.instance, "token", a.token)
		t.o.ObserveLost(t.Name)
	}
	return err
}

// begin records that the slot runs here, and runs it.
func (t *turn) begin(held, staying context.Context, c claim) error {
	given, err := t.environment(c)
	if err != nil {
		return err
	}
	asked := time.Now()
	begun, err := t.records.begin(held, c, t.o.Instance, t.o.Lease)
	if err != nil {
		t.unsure = c.slot
		return err
	}
	if !begun { // somebody was faster, which the next look will tell
		pause(held, min(t.o.LockLife/10, 500*time.Millisecond))
		return nil
	}
	return t.execute(held, staying, c, given, asked)
}

// adopt runs a slot whose beginning is recorded, which the database did not get to say.
func (t *turn) adopt(held, staying context.Context, c claim) error {
	given, err := t.environment(c)
	if err != nil {
		return err
	}
	asked := time.Now()
	ours, err := t.records.renew(held, c, t.o.Lease)
	if err != nil || !ours {
		return err
	}
	return t.execute(held, staying, c, given, asked)
}

// trim removes old records once in a while.
func (t *turn) trim(ctx context.Context) {
	now := time.Now()
	if t.trimmed.IsZero() { // not all hosts at once after a deployment
		t.trimmed = now.Add(-t.soon() * 100)
	}
	if now.Sub(t.trimmed) < trimEvery {
		return
	}
	t.trimmed = now
	switch removed, err := t.records.trim(ctx, t.Name, keepFor); {
	case err != nil:
		t.log.Warn("old records of a job were not removed", "error", err)
	case removed > 0:
		t.log.Info("old records of a job were removed", "records", removed)
	}
}
