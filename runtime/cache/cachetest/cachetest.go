// Package cachetest is what every cache.Port must do.
package cachetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
)

// Subject is a kind of cache to be tested.
type Subject struct {
	// Open makes an empty cache; pass lets its time pass.
	Open func(t *testing.T) (c cache.Port, pass func(time.Duration))
	// Within runs a test, e.g. synctest.Test; nil just runs it.
	Within func(*testing.T, func(*testing.T))
}

// life is long enough for a slow machine to do what a test does within it.
const life = 2 * time.Second

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	if s.Within == nil {
		s.Within = func(t *testing.T, f func(*testing.T)) { f(t) }
	}
	for name, test := range map[string]func(*testing.T, *fixture){
		"what is set is found until it is deleted":   setAndDelete,
		"what is set is forgotten after its life":    expiry,
		"a value is bytes, and so is a key":          anyBytes,
		"what was handed over or out can be changed": copies,
		"a counter lives from its first Add":         counterLife,
		"a counter misses nobody":                    counterTogether,
		"a value that is no number cannot be added":  counterOfText,
		"a lock is held by one":                      lockHeldByOne,
		"a lock excludes eight that want it":         lockExcludes,
		"a lock that is renewed lives on":            lockRenewed,
		"a lock that ran out is lost":                lockLost,
		"tokens grow":                                tokensGrow,
		"what cannot be is refused":                  refusals,
		"a cache that is there answers":              ping,
	} {
		t.Run(name, func(t *testing.T) {
			s.Within(t, func(t *testing.T) {
				c, pass := s.Open(t)
				test(t, &fixture{Port: c, pass: pass})
			})
		})
	}
}

type fixture struct {
	cache.Port
	pass func(time.Duration)
}

func (f *fixture) requireValue(t *testing.T, key, want string) {
	t.Helper()
	value, ok, err := f.Get(t.Context(), key)
	require.NoError(t, err)
	require.True(t, ok, "%q is not there", key)
	require.Equal(t, want, string(value))
}

func (f *fixture) requireNone(t *testing.T, key string) {
	t.Helper()
	value, ok, err := f.Get(t.Context(), key)
	require.NoError(t, err)
	require.False(t, ok, "%q is there: %q", key, value)
}

func setAndDelete(t *testing.T, f *fixture) {
	f.requireNone(t, "a")
	require.NoError(t, f.Set(t.Context(), "a", []byte("1"), time.Minute))
	require.NoError(t, f.Set(t.Context(), "b", []byte("2"), time.Minute))
	f.requireValue(t, "a", "1")
	require.NoError(t, f.Set(t.Context(), "a", []byte("one"), time.Minute))
	f.requireValue(t, "a", "one")
	require.NoError(t, f.Delete(t.Context(), "a"))
	require.NoError(t, f.Delete(t.Context(), "a"), "deleting nothing is fine")
	f.requireNone(t, "a")
	f.requireValue(t, "b", "2")
}

func expiry(t *testing.T, f *fixture) {
	require.NoError(t, f.Set(t.Context(), "short", []byte("1"), 1500*time.Millisecond))
	require.NoError(t, f.Set(t.Context(), "long", []byte("2"), time.Minute))
	require.NoError(t, f.Set(t.Context(), "renewed", []byte("3"), 1500*time.Millisecond))
	require.NoError(t, f.Set(t.Context(), "renewed", []byte("3"), time.Minute))
	f.requireValue(t, "short", "1")
	f.pass(1600 * time.Millisecond)
	f.requireNone(t, "short")
	f.requireValue(t, "long", "2")
	f.requireValue(t, "renewed", "3")
}

func anyBytes(t *testing.T, f *fixture) {
	for _, s := range []string{"\x00\xff\r\n", "ünïcode", "with spaces", "%s", "{a}"} {
		require.NoError(t, f.Set(t.Context(), s, []byte(s), time.Minute))
	}
	for _, s := range []string{"\x00\xff\r\n", "ünïcode", "with spaces", "%s", "{a}"} {
		f.requireValue(t, s, s)
	}
	require.NoError(t, f.Set(t.Context(), "empty", nil, time.Minute))
	f.requireValue(t, "empty", "")
}

func copies(t *testing.T, f *fixture) {
	value := []byte("abc")
	require.NoError(t, f.Set(t.Context(), "k", value, time.Minute))
	value[0] = 'x'
	got, _, err := f.Get(t.Context(), "k")
	require.NoError(t, err)
	got[1] = 'x'
	f.requireValue(t, "k", "abc")
}

func counterLife(t *testing.T, f *fixture) {
	add := func(n, want int64) {
		t.Helper()
		sum, err := f.Add(t.Context(), "count", n, life)
		require.NoError(t, err)
		require.Equal(t, want, sum)
	}
	add(1, 1)
	f.pass(life / 2)
	add(5, 6)
	add(-2, 4)
	f.requireValue(t, "count", "4")
	f.pass(life/2 + 100*time.Millisecond)
	add(1, 1)
}

func counterTogether(t *testing.T, f *fixture) {
	const people, times = 8, 25
	together(t, people, func(ctx context.Context) error {
		for range times {
			if _, err := f.Add(ctx, "count", 1, time.Minute); err != nil {
				return err
			}
		}
		return nil
	})
	f.requireValue(t, "count", "200")
}

func counterOfText(t *testing.T, f *fixture) {
	require.NoError(t, f.Set(t.Context(), "text", []byte("seven"), time.Minute))
	_, err := f.Add(t.Context(), "text", 1, time.Minute)
	require.Error(t, err)
	f.requireValue(t, "text", "seven")
}

func refusals(t *testing.T, f *fixture) {
	_, _, err := f.Get(t.Context(), "")
	require.ErrorContains(t, err, "key is empty")
	require.ErrorContains(t, f.Delete(t.Context(), ""), "key is empty")
	require.ErrorContains(t, f.Set(t.Context(), "", nil, time.Minute), "key is empty")
	for _, life := range []time.Duration{0, -time.Second, time.Microsecond} {
		require.ErrorContains(t, f.Set(t.Context(), "k", nil, life), "at least 1ms")
		_, err = f.Add(t.Context(), "k", 1, life)
		require.ErrorContains(t, err, "at least 1ms")
		_, err = f.Lock(t.Context(), "k", life)
		require.ErrorContains(t, err, "at least 1ms")
	}
	l, err := f.Lock(t.Context(), "k", life)
	require.NoError(t, err)
	require.ErrorContains(t, l.Renew(t.Context(), 0), "at least 1ms")
	require.NoError(t, l.Release(t.Context()))
}

func ping(t *testing.T, f *fixture) { require.NoError(t, f.Ping(t.Context())) }
