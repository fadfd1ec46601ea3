//go:build system

package cache_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/secrets"
)

// TestARotationLocksNobodyOut does what docs/procedures/rotate-cache-token.md does, on a real server: passwords of the
// default user stand for the tokens of ElastiCache, which takes two of them between ROTATE and SET.
func TestARotationLocksNobodyOut(t *testing.T) {
	port, trusted := freePort(t), x509.NewCertPool()
	server(t, port, "the-old-token", trusted)
	roots := &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}
	current := atomic.Pointer[string]{} // what the secret says
	say := func(token string) { current.Store(&token) }
	instance := func() *cache.Valkey {
		return cache.OpenValkey(cache.ValkeyOptions{
			Host: "localhost", Port: port, TLS: true, TLSConfig: roots,
			Token: secrets.New(func(context.Context) (string, error) { return *current.Load(), nil }, secrets.DecodeToken, 0),
		})
	}
	say("the-old-token")
	running := instance()
	defer running.Close() //nolint:errcheck // the end of the test
	service := redis.NewClient(&redis.Options{Addr: "localhost:" + port, Password: "the-old-token", TLSConfig: roots.Clone(), PoolSize: 1})
	defer service.Close() //nolint:errcheck // the end of the test
	asElastiCache := func(command ...any) { require.NoError(t, service.Do(t.Context(), command...).Err()) }

	starts := func() error {
		fresh := instance()
		defer fresh.Close() //nolint:errcheck // asked and gone
		return fresh.Ping(ctx(t))
	}
	nobodyIsLockedOut := func(step string) {
		t.Helper()
		for range 20 {
			require.NoError(t, running.Ping(ctx(t)), "a running instance, %s", step)
			require.NoError(t, starts(), "an instance that starts, %s", step)
			time.Sleep(time.Millisecond)
		}
		asElastiCache("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
		require.NoError(t, running.Ping(ctx(t)), "a running instance that lost its connection, %s", step)
	}

	nobodyIsLockedOut("before")
	say("the-new-token")
	require.ErrorContains(t, starts(), "WRONGPASS", "the secret alone is no rotation")
	say("the-old-token")

	asElastiCache("ACL", "SETUSER", "default", ">the-new-token")
	nobodyIsLockedOut("after ROTATE")
	say("the-new-token")
	nobodyIsLockedOut("after the secret")
	asElastiCache("ACL", "SETUSER", "default", "resetpass", ">the-new-token")
	nobodyIsLockedOut("after SET")
	say("the-old-token")
	require.ErrorContains(t, starts(), "WRONGPASS", "the old token is out of use")
}
