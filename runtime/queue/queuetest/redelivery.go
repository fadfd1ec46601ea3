package queuetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lectern/lectern/runtime/queue"
)

func redelivery(t *testing.T, f *fixture) {
	f.send(t, "work")
	first := f.one(t, time.Second)
	second := f.one(t, within)
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, first.Body, second.Body)
	require.Equal(t, 2, second.Receives)
	require.NotEqual(t, first.Receipt, second.Receipt)
	require.NoError(t, f.Delete(t.Context(), second))
	require.Empty(t, f.receive(t, within))
}

func extended(t *testing.T, f *fixture) {
	f.send(t, "work")
	m := f.one(t, time.Second)
	for range 3 {
		time.Sleep(Visibility / 2)
		require.NoError(t, f.Extend(t.Context(), m, Visibility))
		require.Empty(t, f.receive(t, 0))
	}
	require.Equal(t, m.ID, f.one(t, within).ID, "it was not extended any more")
}

func givenBack(t *testing.T, f *fixture) {
	f.send(t, "work")
	m := f.one(t, time.Second)
	require.NoError(t, f.Extend(t.Context(), m, 0))
	again := f.one(t, Visibility/2)
	require.Equal(t, m.ID, again.ID)
	require.Equal(t, 2, again.Receives)
}

// extendedTooLate: a queue may still have it back from who was too slow, but then it is theirs alone.
func extendedTooLate(t *testing.T, f *fixture) {
	f.send(t, "work")
	m := f.one(t, time.Second)
	time.Sleep(Visibility + 500*time.Millisecond)
	if err := f.Extend(t.Context(), m, Visibility); err == nil {
		require.Empty(t, f.receive(t, 0))
	} else {
		require.ErrorIs(t, err, queue.ErrNotInFlight)
	}
	require.Equal(t, m.ID, f.one(t, within).ID)
}

func deadLetters(t *testing.T, f *fixture) {
	f.send(t, "poison")
	for i := range MaxReceives {
		m := f.one(t, within)
		require.Equal(t, i+1, m.Receives)
		require.NoError(t, f.Extend(t.Context(), m, 0))
	}
	f.send(t, "work")
	require.Equal(t, "work", string(f.one(t, within).Body))
	require.Equal(t, []string{"poison"}, f.dead())
	for _, m := range f.receive(t, within) {
		require.Equal(t, "work", string(m.Body))
	}
}

// consumersDie: every third message is received by one that never comes back.
func consumersDie(t *testing.T, f *fixture) {
	const messages, consumers = 30, 4
	var want []string
	for i := range messages {
		body := fmt.Sprintf("message %02d", i)
		want = append(want, body)
		f.send(t, body)
	}
	var mu sync.Mutex
	var worked []string
	received := 0
	group, ctx := errgroup.WithContext(t.Context())
	consume := func(ctx context.Context) error {
		for {
			found, err := f.Receive(ctx, 2, within)
			if err != nil || len(found) == 0 {
				return err
			}
			for _, m := range found {
				mu.Lock()
				received++
				dies := received%3 == 0 && m.Receives < MaxReceives
				mu.Unlock()
				if dies {
					continue
				}
				if err := f.Delete(ctx, m); err != nil {
					return err
				}
				mu.Lock()
				worked = append(worked, string(m.Body))
				mu.Unlock()
			}
		}
	}
	for range consumers {
		group.Go(func() error { return consume(ctx) })
	}
	require.NoError(t, group.Wait())
	require.Greater(t, received, messages)
	slices.Sort(worked)
	require.Equal(t, want, slices.Compact(worked), "each at least once")
	require.Empty(t, f.dead())
}

func stats(t *testing.T, f *fixture) {
	requireStats := func(waiting, inFlight int) queue.Stats {
		t.Helper()
		s, err := f.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int{waiting, inFlight}, []int{s.Waiting, s.InFlight})
		return s
	}
	requireStats(0, 0)
	f.send(t, "a")
	f.send(t, "b")
	f.send(t, "c")
	time.Sleep(time.Second)
	if s := requireStats(3, 0); s.OldestAge != -1 {
		require.GreaterOrEqual(t, s.OldestAge, 900*time.Millisecond)
	}
	found, err := f.Receive(t.Context(), 2, time.Second)
	require.NoError(t, err)
	require.Len(t, found, 2)
	requireStats(1, 2)
	require.NoError(t, f.Delete(t.Context(), found[0]))
	requireStats(1, 1)
}
