package exclusive_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/host/exclusive"
)

var quiet = slog.New(slog.DiscardHandler)

const life = 10 * time.Second

// away is a cache whose renewals fail while the test wants.
type away struct {
	cache.Port
	down     atomic.Bool
	renewals atomic.Int64
}

type awayLock struct {
	cache.Lock
	away *away
}

var errAway = errors.New("connection refused")

func (a *away) Lock(ctx context.Context, name string, life time.Duration) (cache.Lock, error) {
	l, err := a.Port.Lock(ctx, name, life)
	return awayLock{l, a}, err
}

func (l awayLock) Renew(ctx context.Context, life time.Duration) error {
	l.away.renewals.Add(1)
	if l.away.down.Load() {
		return errAway
	}
	return l.Lock.Renew(ctx, life)
}

func TestOneAtATimeForAsLongAsItTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &away{Port: cache.NewEmbedded(0)}
		inside, last := 0, int64(0)
		work := func(context.Context, int64) error { return nil }
		done := make(chan error)
		go func() {
			done <- exclusive.Hold(t.Context(), c, "n", life, quiet, func(ctx context.Context, token int64) error {
				inside++
				last = token
				time.Sleep(10 * life)
				require.NoError(t, ctx.Err())
				return nil
			})
		}()
		for range 99 {
			time.Sleep(life / 10)
			require.ErrorIs(t, exclusive.Hold(t.Context(), c, "n", life, quiet, work), cache.ErrLocked)
		}
		require.NoError(t, exclusive.Hold(t.Context(), c, "another", life, quiet, work))
		require.NoError(t, <-done)
		require.Equal(t, 1, inside)
		require.InDelta(t, 30, c.renewals.Load(), 1, "three in a life")
		require.NoError(t, exclusive.Hold(t.Context(), c, "n", life, quiet, func(_ context.Context, token int64) error {
			require.Greater(t, token, last)
			return nil
		}), "it was given back")
	})
}

func TestWhatDoSaysIsReturnedAndTheLockGivenBack(t *testing.T) {
	c, errWork := cache.NewEmbedded(0), errors.New("work")
	for range 2 {
		require.ErrorIs(t, exclusive.Hold(t.Context(), c, "n", life, quiet, func(context.Context, int64) error { return errWork }), errWork)
	}
}

func TestAShortAbsenceOfTheCacheStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &away{Port: cache.NewEmbedded(0)}
		require.NoError(t, exclusive.Hold(t.Context(), c, "n", life, quiet, func(ctx context.Context, _ int64) error {
			for range 5 {
				c.down.Store(true)
				time.Sleep(4 * time.Second) // from any moment: at most 3.3 s since the last renewal
				c.down.Store(false)
				time.Sleep(5 * time.Second)
				require.NoError(t, ctx.Err())
			}
			return nil
		}))
	})
}

func TestDoIsStoppedBeforeTheLockCanBeAnothers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &away{Port: cache.NewEmbedded(0)}
		stopped := make(chan time.Time, 1)
		done := make(chan error, 1)
		go func() {
			done <- exclusive.Hold(t.Context(), c, "n", life, quiet, func(ctx context.Context, _ int64) error {
				time.Sleep(life)
				c.down.Store(true)
				<-ctx.Done()
				stopped <- time.Now()
				require.ErrorIs(t, context.Cause(ctx), cache.ErrLockLost)
				require.ErrorIs(t, context.Cause(ctx), errAway)
				return ctx.Err()
			})
		}()
		time.Sleep(life)
		var others time.Time
		require.NoError(t, until(t, func() error {
			return exclusive.Hold(t.Context(), c, "n", life, quiet, func(context.Context, int64) error { others = time.Now(); return nil })
		}))
		require.GreaterOrEqual(t, others.Sub(<-stopped), life/5, "there was time to stop")
		require.ErrorIs(t, <-done, cache.ErrLockLost)
	})
}

func until(t *testing.T, do func() error) error {
	t.Helper()
	for range 1000 {
		err := do()
		if !errors.Is(err, cache.ErrLocked) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the lock was never free")
}

func TestAnEndOfTheCallerDoesNotEndTheLockWhileDoFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := cache.NewEmbedded(0)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- exclusive.Hold(ctx, c, "n", life, quiet, func(ctx context.Context, _ int64) error {
				<-ctx.Done()
				time.Sleep(5 * life)
				return nil
			})
		}()
		time.Sleep(time.Second)
		cancel()
		for range 49 {
			time.Sleep(life / 10)
			_, err := c.Lock(t.Context(), "n", life)
			require.ErrorIs(t, err, cache.ErrLocked)
		}
		require.NoError(t, <-done)
		_, err := c.Lock(t.Context(), "n", life)
		require.NoError(t, err)
	})
}

func valkey(t *testing.T) (*miniredis.Miniredis, *cache.Valkey) {
	t.Helper()
	m := miniredis.RunT(t)
	v := cache.OpenValkey(cache.ValkeyOptions{Host: m.Host(), Port: m.Port()})
	t.Cleanup(func() { _ = v.Close() })
	return m, v
}

func TestAServerThatLostItsDataIsNoticedAtTheNextRenewal(t *testing.T) {
	m, v := valkey(t)
	begun := time.Now()
	err := exclusive.Hold(t.Context(), v, "n", 900*time.Millisecond, quiet, func(ctx context.Context, _ int64) error {
		m.FlushAll()
		require.NoError(t, exclusive.Hold(t.Context(), v, "n", time.Second, quiet, func(context.Context, int64) error { return nil }), "another has it")
		<-ctx.Done()
		return context.Cause(ctx)
	})
	require.ErrorIs(t, err, cache.ErrLockLost)
	require.Less(t, time.Since(begun), 600*time.Millisecond)
}

func TestAServerThatIsUnreachableIsGivenUpInTime(t *testing.T) {
	m, v := valkey(t)
	begun := time.Now()
	err := exclusive.Hold(t.Context(), v, "n", 900*time.Millisecond, quiet, func(ctx context.Context, _ int64) error {
		m.Close()
		<-ctx.Done()
		require.InDelta(t, 675, time.Since(begun).Milliseconds(), 150)
		return nil
	})
	require.ErrorIs(t, err, cache.ErrLockLost)
	err = exclusive.Hold(t.Context(), v, "n", time.Second, quiet, func(context.Context, int64) error { panic("not held") })
	require.Error(t, err)
	require.NotErrorIs(t, err, cache.ErrLocked)
	require.NotErrorIs(t, err, cache.ErrLockLost)
}

func TestALockLostAtTheEndIsNotAFailureOfWhatIsDone(t *testing.T) {
	m, v := valkey(t)
	require.NoError(t, exclusive.Hold(t.Context(), v, "n", life, quiet, func(context.Context, int64) error { m.FlushAll(); return nil }))
}

func TestAPanicIsNotSwallowed(t *testing.T) {
	require.PanicsWithValue(t, "work", func() {
		_ = exclusive.Hold(t.Context(), cache.NewEmbedded(0), "n", life, quiet, func(context.Context, int64) error { panic("work") })
	})
}
