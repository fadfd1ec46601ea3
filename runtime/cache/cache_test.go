package cache_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/secrets"
)

func ctx(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	t.Cleanup(cancel)
	return c
}

func open(t *testing.T, m *miniredis.Miniredis, token *string) *cache.Valkey {
	t.Helper()
	o := cache.ValkeyOptions{Host: m.Host(), Port: m.Port()}
	if token != nil {
		o.Token = secrets.New(func(context.Context) (string, error) { return *token, nil }, secrets.DecodeToken, 0)
	}
	v := cache.OpenValkey(o)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

func TestValkeyIsReallyAsked(t *testing.T) {
	m := miniredis.RunT(t)
	v := open(t, m, nil)
	require.NoError(t, v.Ping(ctx(t)))
	m.SetError("LOADING dataset in memory")
	require.ErrorContains(t, v.Ping(ctx(t)), "LOADING")
	m.SetError("")
	m.Close()
	require.Error(t, v.Ping(ctx(t)))
	require.NoError(t, m.Restart())
	require.NoError(t, v.Ping(ctx(t)), "found again")
}

func TestARotatedTokenNeedsNoRestart(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("first")
	token := "first"
	v := open(t, m, &token)
	require.NoError(t, v.Ping(ctx(t)))
	m.Close() // connections are gone, so the next one must log in anew
	m.RequireAuth("second")
	require.NoError(t, m.Restart())
	err := v.Ping(ctx(t))
	require.Error(t, err, "the secret has not changed yet")
	require.NotContains(t, err.Error(), "first")
	token = `{"authToken":"second"}`
	require.NoError(t, v.Ping(ctx(t)))
}

// memcached answers every line with reply.
func memcached(t *testing.T, reply string) cache.Endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for s := bufio.NewScanner(conn); s.Scan(); {
					fmt.Fprint(conn, reply)
				}
			}()
		}
	}()
	host, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return cache.Endpoint{Name: "sessions", Host: host, Port: port}
}

func TestEveryMemcachedClusterMustAnswer(t *testing.T) {
	good := memcached(t, "VERSION 1.6.22\r\n")
	require.NoError(t, cache.NewMemcached(good, good).Ping(ctx(t)))
	other := memcached(t, "HTTP/1.1 400 Bad Request\r\n")
	other.Name = "application"
	require.ErrorContains(t, cache.NewMemcached(good, other).Ping(ctx(t)), "memcached application: answered")
	require.ErrorContains(t, cache.NewMemcached(good, cache.Endpoint{Name: "gone", Host: "127.0.0.1", Port: "1"}).Ping(ctx(t)), "memcached gone")
}
