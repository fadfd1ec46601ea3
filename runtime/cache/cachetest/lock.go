package cachetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lectern/lectern/runtime/cache"
)

// together runs f in n goroutines.
func together(t *testing.T, n int, f func(context.Context) error) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	for range n {
		group.Go(func() error { return f(ctx) })
	}
	require.NoError(t, group.Wait())
}

func (f *fixture) lock(t *testing.T, name string, life time.Duration) cache.Lock {
	t.Helper()
	l, err := f.Lock(t.Context(), name, life)
	require.NoError(t, err)
	return l
}

func (f *fixture) requireLocked(t *testing.T, name string) {
	t.Helper()
	l, err := f.Lock(t.Context(), name, life)
	require.ErrorIs(t, err, cache.ErrLocked)
	require.Nil(t, l)
}

func lockHeldByOne(t *testing.T, f *fixture) {
	first := f.lock(t, "name", time.Minute)
	f.requireLocked(t, "name")
	require.NoError(t, f.lock(t, "another", time.Minute).Release(t.Context()))
	require.NoError(t, f.Delete(t.Context(), "name"), "a value of the same name is something else")
	f.requireLocked(t, "name")
	require.NoError(t, first.Release(t.Context()))
	second := f.lock(t, "name", time.Minute)
	require.ErrorIs(t, first.Release(t.Context()), cache.ErrLockLost, "released already")
	require.ErrorIs(t, first.Renew(t.Context(), life), cache.ErrLockLost, "released already")
	f.requireLocked(t, "name")
	require.NoError(t, second.Release(t.Context()))
}

func lockExcludes(t *testing.T, f *fixture) {
	const people, turns = 8, 10
	var inside, taken atomic.Int64
	var tokens []int64 // guarded by the lock alone: the race detector would see a second one inside
	together(t, people, func(ctx context.Context) error {
		for done := 0; done < turns; {
			l, err := f.Lock(ctx, "turn", time.Minute)
			if errors.Is(err, cache.ErrLocked) {
				if err := sleep(ctx, time.Millisecond); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
			if n := inside.Add(1); n != 1 {
				return fmt.Errorf("%d are inside", n)
			}
			tokens = append(tokens, l.Token())
			if err := sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			inside.Add(-1)
			taken.Add(1)
			if err := l.Release(ctx); err != nil {
				return err
			}
			done++
		}
		return nil
	})
	require.EqualValues(t, people*turns, taken.Load())
	require.IsIncreasing(t, tokens)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

func lockRenewed(t *testing.T, f *fixture) {
	l := f.lock(t, "name", life)
	for range 3 {
		f.pass(life * 3 / 4)
		require.NoError(t, l.Renew(t.Context(), life))
	}
	f.requireLocked(t, "name")
	f.pass(life + 100*time.Millisecond)
	require.ErrorIs(t, l.Renew(t.Context(), life), cache.ErrLockLost)
	require.NoError(t, f.lock(t, "name", life).Release(t.Context()))
}

func lockLost(t *testing.T, f *fixture) {
	late := f.lock(t, "name", life)
	f.pass(life + 100*time.Millisecond)
	require.ErrorIs(t, late.Renew(t.Context(), life), cache.ErrLockLost, "nobody has it, but somebody may have had it")
	present := f.lock(t, "name", time.Minute)
	require.Greater(t, present.Token(), late.Token())
	require.ErrorIs(t, late.Renew(t.Context(), life), cache.ErrLockLost)
	require.ErrorIs(t, late.Release(t.Context()), cache.ErrLockLost)
	f.requireLocked(t, "name")
	require.NoError(t, present.Renew(t.Context(), time.Minute), "it was not touched")
	require.NoError(t, present.Release(t.Context()))
}

func tokensGrow(t *testing.T, f *fixture) {
	last := int64(0)
	for i := range 20 {
		l := f.lock(t, "name", life)
		require.Greater(t, l.Token(), last)
		last = l.Token()
		if i%10 == 0 {
			f.pass(life + 100*time.Millisecond) // its counter outlives it
		} else {
			require.NoError(t, l.Release(t.Context()))
		}
	}
}
