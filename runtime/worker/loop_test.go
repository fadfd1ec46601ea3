package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/worker"
)

// The clock of these tests is synctest's: nothing waits, and every time is exact.

// running is a loop that stops when asked, and then says how long that took.
func running(t *testing.T, q queue.Port, l worker.Loop) (stop func() time.Duration) {
	t.Helper()
	l.Queue, l.Log = q, slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.Run(ctx); close(done) }()
	return func() time.Duration {
		start := time.Now()
		cancel()
		<-done
		return time.Since(start)
	}
}

func send(t *testing.T, q queue.Port, ids ...string) {
	t.Helper()
	for _, id := range ids {
		require.NoError(t, worker.Send(t.Context(), q, worker.Message{Kind: "test", TenantID: "acme", ID: id}))
	}
}

func stats(t *testing.T, q queue.Port) (waiting, inFlight int) {
	t.Helper()
	s, err := q.Stats(t.Context())
	require.NoError(t, err)
	return s.Waiting, s.InFlight
}

func TestMessagesAreWorkedOnAtOnceAndDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.NewEmbedded(queue.EmbeddedOptions{})
		var now, most, done atomic.Int32
		var seen atomic.Int32
		stop := running(t, q, worker.Loop{Concurrency: 3, Observe: func(kind string, ok bool, seconds float64) {
			require.Equal(t, "test", kind)
			require.True(t, ok)
			require.InDelta(t, 60, seconds, 0.001)
			seen.Add(1)
		}, Handlers: map[string]worker.Handler{"test": func(_ context.Context, m worker.Message) error {
			require.Equal(t, "acme", m.TenantID)
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Minute) // longer than the queue's own 30 s
			now.Add(-1)
			done.Add(1)
			return nil
		}}})
		send(t, q, "1", "2", "3", "4", "5", "6", "7")
		time.Sleep(time.Hour)
		require.EqualValues(t, 7, done.Load(), "each once, although it takes longer than a message stays away")
		require.EqualValues(t, 7, seen.Load())
		require.EqualValues(t, 3, most.Load())
		waiting, inFlight := stats(t, q)
		require.Zero(t, waiting+inFlight)
		require.Zero(t, stop())
	})
}

func TestWorkThatFailsComesBackWhenItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.NewEmbedded(queue.EmbeddedOptions{})
		start := time.Now()
		var at []time.Duration
		stop := running(t, q, worker.Loop{Handlers: map[string]worker.Handler{"test": func(context.Context, worker.Message) error {
			at = append(at, time.Since(start))
			switch len(at) {
			case 1:
				return &worker.Later{After: 5 * time.Minute, Err: errors.New("the store is down")}
			case 2:
				panic("a hostile package")
			case 3:
				return errors.New("no idea")
			}
			return nil
		}}})
		send(t, q, "1")
		time.Sleep(time.Hour)
		stop()
		require.Equal(t, []time.Duration{0, 5 * time.Minute, 5*time.Minute + 30*time.Second, 6 * time.Minute}, at)
	})
}

func TestMessagesNobodyUnderstandsAreLeftForTheDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.NewEmbedded(queue.EmbeddedOptions{})
		stop := running(t, q, worker.Loop{})
		require.NoError(t, q.Send(t.Context(), []byte("hello")))
		require.NoError(t, worker.Send(t.Context(), q, worker.Message{Kind: "of tomorrow"}))
		time.Sleep(time.Hour)
		stop()
		require.Len(t, q.DeadLetters(), 2)
	})
}

func TestStoppingLetsWorkFinishWithinALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.NewEmbedded(queue.EmbeddedOptions{})
		var finished, cancelled atomic.Int32
		stop := running(t, q, worker.Loop{Concurrency: 2, Drain: 20 * time.Second, Handlers: map[string]worker.Handler{"test": func(ctx context.Context, m worker.Message) error {
			work := 10 * time.Second
			if m.ID == "long" {
				work = time.Hour
			}
			select {
			case <-time.After(work):
				finished.Add(1)
				return nil
			case <-ctx.Done():
				cancelled.Add(1)
				return &worker.Later{After: time.Hour, Err: ctx.Err()}
			}
		}}})
		send(t, q, "short", "long")
		time.Sleep(time.Second)
		send(t, q, "never begun")
		require.Equal(t, 20*time.Second, stop())
		require.EqualValues(t, 1, finished.Load())
		require.EqualValues(t, 1, cancelled.Load())
		waiting, inFlight := stats(t, q)
		require.Equal(t, []int{2, 0}, []int{waiting, inFlight}, "what was cancelled waits for another instance at once, whatever it said")
	})
}

// brokenQueue cannot be read at first.
type brokenQueue struct {
	queue.Port
	failures atomic.Int32
}

func (b *brokenQueue) Receive(ctx context.Context, limit int, wait time.Duration) ([]queue.Message, error) {
	if b.failures.Add(-1) >= 0 {
		return nil, errors.New("no route to host")
	}
	return b.Port.Receive(ctx, limit, wait)
}

func TestAQueueThatIsAwayIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &brokenQueue{Port: queue.NewEmbedded(queue.EmbeddedOptions{})}
		q.failures.Store(5)
		var done atomic.Int32
		stop := running(t, q, worker.Loop{Handlers: map[string]worker.Handler{"test": func(context.Context, worker.Message) error { done.Add(1); return nil }}})
		send(t, q, "1")
		time.Sleep(time.Minute)
		stop()
		require.EqualValues(t, 1, done.Load())
	})
}
