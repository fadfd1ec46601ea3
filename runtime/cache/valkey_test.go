package cache_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/cache/cachetest"
)

func TestValkey(t *testing.T) {
	cachetest.Run(t, cachetest.Subject{Open: func(t *testing.T) (cache.Port, func(time.Duration)) {
		m := miniredis.RunT(t)
		return open(t, m, nil), m.FastForward
	}})
}

func TestTokensOfValkeyLocksGrowAlsoWhenTheServerLostItsData(t *testing.T) {
	m := miniredis.RunT(t)
	v := open(t, m, nil)
	last := int64(0)
	now := time.Now()
	for range 3 {
		now = now.Add(time.Millisecond)
		m.SetTime(now)
		l, err := v.Lock(t.Context(), "name", time.Minute)
		require.NoError(t, err)
		require.Greater(t, l.Token(), last)
		last = l.Token()
		m.FlushAll()
		require.ErrorIs(t, l.Release(t.Context()), cache.ErrLockLost)
	}
}

func TestBracesInTheNameOfALockKeepItsKeysTogether(t *testing.T) {
	m := miniredis.RunT(t)
	v := open(t, m, nil)
	for _, name := range []string{"a}b", "a%7db", "{a", "import/1"} {
		_, err := v.Lock(t.Context(), name, time.Minute)
		require.NoError(t, err, name)
	}
	require.ElementsMatch(t, []string{
		"lock:{a%7db}", "lock:{a%7db}:token", "lock:{a%257db}", "lock:{a%257db}:token",
		"lock:{%7ba}", "lock:{%7ba}:token", "lock:{import/1}", "lock:{import/1}:token",
	}, m.Keys())
}

func TestEveryCommandReadsARotatedToken(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("first")
	token := "first"
	v := open(t, m, &token)
	require.NoError(t, v.Set(ctx(t), "k", []byte("1"), time.Minute))
	token = "second"
	m.Close()
	m.RequireAuth("second")
	require.NoError(t, m.Restart())
	_, err := v.Lock(ctx(t), "name", time.Minute)
	require.NoError(t, err)
}
