package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/lectern/lectern/runtime/queue"
)

// Loop takes messages from a queue and does what they ask for.
type Loop struct {
	Queue    queue.Port
	Handlers map[string]Handler // by kind
	// Concurrency is how many messages are taken at once; 0: 16. Most of them wait for their turn: how much is done at
	// once the handlers know.
	Concurrency int
	// Visibility is how long a message stays away without a sign of life from whoever works on it; 0: 90 s. Longer than
	// the lease of an import, so that a message that comes back finds the lease at its end.
	Visibility time.Duration
	// Drain is how long work may go on after Run was told to stop; 0: 25 s.
	Drain time.Duration
	// Observe is told of everything finished; nil: nobody is.
	Observe func(kind string, ok bool, seconds float64)
	Log     *slog.Logger
}

const (
	defaultConcurrency = 16
	defaultVisibility  = 90 * time.Second
	defaultDrain       = 25 * time.Second
	longPoll           = 20 * time.Second
	queuePause         = 2 * time.Second  // after a queue that failed
	lastWords          = 10 * time.Second // for what has to be said although the context is over
)

var errStopping = errors.New("worker: the instance is stopping")

// Run works until ctx is done. Then it takes no more, lets what runs finish within Drain, and cancels what is left;
// cancelled work gives its message back at once, for another instance.
func (l *Loop) Run(ctx context.Context) {
	work, stop := context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), stoppingKey{}, ctx.Done()))
	defer stop(errStopping)
	slots := make(chan struct{}, orElse(l.Concurrency, defaultConcurrency))
	var running sync.WaitGroup
	for ctx.Err() == nil {
		n := takeSlots(ctx, slots, queue.MaxReceive)
		if n == 0 {
			break
		}
		messages, err := l.Queue.Receive(ctx, n, longPoll)
		if err != nil && ctx.Err() == nil {
			l.Log.Error("the queue cannot be read", "error", err)
			pause(ctx, queuePause)
		}
		for range n - len(messages) {
			<-slots
		}
		for _, m := range messages {
			running.Go(func() {
				defer func() { <-slots }()
				if ctx.Err() != nil { // received while the instance began to stop
					l.giveBack(work, m, 0)
					return
				}
				l.one(work, m)
			})
		}
	}
	l.drain(&running, stop)
}

type stoppingKey struct{}

// stopping is closed when the loop that ctx belongs to takes no more: what has not begun should not.
func stopping(ctx context.Context) <-chan struct{} {
	done, _ := ctx.Value(stoppingKey{}).(<-chan struct{})
	return done
}

// takeSlots waits for a free slot and takes up to as many as one Receive can fill. 0: ctx is done.
func takeSlots(ctx context.Context, slots chan struct{}, most int) int {
	select {
	case <-ctx.Done():
		return 0
	case slots <- struct{}{}:
	}
	for n := 1; n < most; n++ {
		select {
		case slots <- struct{}{}:
		default:
			return n
		}
	}
	return most
}

func (l *Loop) drain(running *sync.WaitGroup, stop context.CancelCauseFunc) {
	done := make(chan struct{})
	go func() { running.Wait(); close(done) }()
	limit := time.NewTimer(orElse(l.Drain, defaultDrain))
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		l.Log.Warn("work is cancelled, since the instance stops; another one does it again")
		stop(errStopping)
		<-done
	}
}

// one works on a message, keeps it away from others meanwhile, and deletes it in the end.
func (l *Loop) one(ctx context.Context, received queue.Message) {
	var m Message
	if err := json.Unmarshal(received.Body, &m); err != nil {
		l.Log.Error("a message cannot be read; it is left for the dead letters", "message", received.ID, "error", err)
		return
	}
	handler := l.Handlers[m.Kind]
	if handler == nil {
		l.Log.Warn("a message is of a kind that this version does not know; it is left for another", "message", received.ID, "kind", m.Kind)
		return
	}
	start := time.Now()
	err := l.handle(ctx, received, handler, m)
	stopped := err != nil && (errors.Is(context.Cause(ctx), errStopping) || errors.Is(err, errStopping)) // that says nothing of the work
	if l.Observe != nil && !stopped {
		l.Observe(m.Kind, err == nil, time.Since(start).Seconds())
	}
	log := l.Log.With("kind", m.Kind, "tenant", m.TenantID, "id", m.ID, "ms", time.Since(start).Milliseconds())
	switch {
	case stopped:
		log.Info("work was cancelled", "error", err)
		l.giveBack(ctx, received, 0)
		return
	case err != nil:
		log.Error("work failed and is done again", "error", err)
		l.giveBack(ctx, received, retryAfter(err))
		return
	}
	said, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := l.Queue.Delete(said, received); err != nil {
		log.Warn("a message that is dealt with could not be deleted; it comes back and finds nothing to do", "error", err)
	}
}

func (l *Loop) handle(ctx context.Context, received queue.Message, handler Handler, m Message) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { l.keep(ctx, received) })
	defer func() {
		cancel()
		beating.Wait()
		if p := recover(); p != nil { // one bad message must not take the instance with it
			err = panicked(p)
		}
	}()
	return handler(ctx, m)
}

func panicked(p any) error { return fmt.Errorf("worker: panic: %v\n%s", p, debug.Stack()) }

// keep keeps a message from coming back until ctx is done.
func (l *Loop) keep(ctx context.Context, m queue.Message) {
	visibility := orElse(l.Visibility, defaultVisibility)
	for {
		if err := l.Queue.Extend(ctx, m, visibility); err != nil && ctx.Err() == nil {
			l.Log.Warn("a message could not be kept away from other workers", "message", m.ID, "error", err)
		}
		if !pause(ctx, visibility/3) {
			return
		}
	}
}

func (l *Loop) giveBack(ctx context.Context, m queue.Message, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := l.Queue.Extend(ctx, m, after); err != nil {
		l.Log.Warn("a message could not be given back; it comes back by itself", "message", m.ID, "error", err)
	}
}

// pause waits, and says whether ctx is still on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
