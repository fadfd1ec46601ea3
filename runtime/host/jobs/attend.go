package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/host/exclusive"
)

// settledLife is how long the fleet remembers in the cache what is settled. Forgetting it costs a look at the records.
const settledLife = 10 * time.Minute

// attend sees to a slot that is due: it is settled already, or another host has the job, or this one takes its turn.
// The answer is when to look again; 0: at the next slot.
//
// Losers ask the cache alone: what the last holder left there says that all slots between two times have records, and
// the lock says that somebody is at work.
func (r *Runner) attend(ctx context.Context, j *job, slot time.Time) (time.Duration, error) {
	hint, err := r.settled(ctx, j)
	if err != nil {
		return r.soon(), err
	}
	if hint.covers(j.cursor, slot) {
		j.cursor = hint.to.Add(time.Second)
		return 0, nil
	}
	var again time.Duration
	// Leaving ends the turn between two slots, and a command that runs has its own time to end: not by this context.
	err = exclusive.Hold(context.WithoutCancel(ctx), r.o.Cache, "job:"+j.Name, r.o.LockLife, j.log, func(held context.Context, token int64) error {
		from := j.cursor
		var err error
		again, err = r.turn(held, ctx, j, token)
		r.settle(held, j, hint, from)
		return err
	})
	if errors.Is(err, cache.ErrLocked) {
		return r.soon(), nil
	}
	if err != nil {
		return r.soon(), err
	}
	return again, nil
}

// soon is when to look again after somebody else was at work, or something was away: a third of what a dead holder's
// lock lives on, and not all hosts at once.
func (r *Runner) soon() time.Duration {
	return time.Duration(float64(r.o.LockLife/3) * (0.5 + rand.Float64())) //nolint:gosec // no secret
}

// span says that every slot from one time to another has a record.
type span struct{ from, to time.Time }

func (s span) covers(from, to time.Time) bool { return !s.from.After(from) && !s.to.Before(to) }

// settledKey has the schedule in it: another schedule has other slots.
func settledKey(j *job) string { return "job:" + j.Name + ":settled:" + j.schedule.String() }

func (r *Runner) settled(ctx context.Context, j *job) (span, error) {
	text, ok, err := r.o.Cache.Get(ctx, settledKey(j))
	if err != nil {
		return span{}, err
	}
	var from, to int64
	if !ok {
		return span{}, nil
	}
	if _, err := fmt.Sscanf(string(text), "%d %d", &from, &to); err != nil {
		return span{}, nil // not ours to complain about: it is a hint
	}
	return span{time.Unix(from, 0), time.Unix(to, 0)}, nil
}

// settle tells the others how far a turn came, so that they need not look at the records. before is what they were told
// before it.
func (r *Runner) settle(ctx context.Context, j *job, before span, from time.Time) {
	now := span{from, j.cursor.Add(-time.Second)}
	if now.to.Before(now.from) || ctx.Err() != nil {
		return
	}
	if before.covers(before.from, from.Add(-time.Second)) && before.from.Before(from) {
		now.from = before.from
	}
	// The start of a host has fractions of a second: what it knows begins with the next whole one.
	first := now.from.Add(time.Second - time.Nanosecond).Unix()
	_ = r.o.Cache.Set(ctx, settledKey(j), fmt.Appendf(nil, "%d %d", first, now.to.Unix()), settledLife)
}
