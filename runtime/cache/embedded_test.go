package cache_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/cache/cachetest"
)

func TestEmbedded(t *testing.T) {
	cachetest.Run(t, cachetest.Subject{
		Within: synctest.Test,
		Open: func(t *testing.T) (cache.Port, func(time.Duration)) {
			c := cache.NewEmbedded(0)
			t.Cleanup(func() { require.NoError(t, c.Close()) })
			return c, time.Sleep
		},
	})
}

func TestAFullEmbeddedCacheForgetsWhatWasNotUsedForLongest(t *testing.T) {
	c := cache.NewEmbedded(10_000)
	value := []byte(strings.Repeat("x", 1000))
	get := func(i int) bool {
		_, ok, err := c.Get(t.Context(), fmt.Sprint(i))
		require.NoError(t, err)
		return ok
	}
	for i := range 100 {
		require.NoError(t, c.Set(t.Context(), fmt.Sprint(i), value, time.Minute))
		require.True(t, get(0), "it is used all the time")
	}
	kept := 0
	for i := range 100 {
		if get(i) {
			kept++
		}
	}
	require.Equal(t, 8, kept)
	require.True(t, get(99))
	require.False(t, get(1))

	require.NoError(t, c.Set(t.Context(), "99", []byte(strings.Repeat("x", 20_000)), time.Minute))
	require.False(t, get(99), "neither the new value, which does not fit, nor the old one")
	require.True(t, get(0))
}

func TestTokensOfEmbeddedLocksGrowFromOneProcessToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := int64(0)
		for range 3 {
			l, err := cache.NewEmbedded(0).Lock(t.Context(), "name", time.Minute)
			require.NoError(t, err)
			require.Greater(t, l.Token(), last)
			last = l.Token()
			time.Sleep(time.Millisecond)
		}
	})
}
