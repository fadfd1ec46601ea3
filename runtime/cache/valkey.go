// Package cache is the runtime's shared cache: a Valkey replication group or, for an installation of one process, a
// cache inside it; for other workloads also Memcached clusters.
package cache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/lectern/lectern/runtime/secrets"
)

// ValkeyOptions say which server and how.
type ValkeyOptions struct {
	Host string
	Port string // decimal
	// TLS encrypts and checks the certificate against the system's roots (ElastiCache has certificates of Amazon Trust
	// Services, which every system knows).
	TLS bool
	// TLSConfig replaces the default one, for servers with roots of their own.
	TLSConfig *tls.Config
	// Token is read for every new connection; nil: the server wants none.
	Token *secrets.Secret[secrets.Login]
}

// Valkey is a pool of connections to the primary.
type Valkey struct {
	client *redis.Client
	token  *secrets.Secret[secrets.Login]
	last   atomic.Pointer[secrets.Login]
}

// OpenValkey prepares the pool. It does not connect.
func OpenValkey(o ValkeyOptions) *Valkey {
	logging.Disable() // it writes lines that are no JSON, many a second while the server is away; callers get the errors
	v := &Valkey{token: o.Token}
	ro := &redis.Options{
		Addr:                     net.JoinHostPort(o.Host, o.Port),
		DialTimeout:              2 * time.Second,
		ReadTimeout:              2 * time.Second,
		WriteTimeout:             2 * time.Second,
		ConnMaxLifetime:          30 * time.Minute, // follow the name after a failover
		MaxRetries:               1,
		ContextTimeoutEnabled:    true,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if o.TLS {
		ro.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if o.TLSConfig != nil {
			ro.TLSConfig = o.TLSConfig.Clone()
		}
		if ro.TLSConfig.ServerName == "" {
			ro.TLSConfig.ServerName = o.Host
		}
	}
	if o.Token != nil {
		ro.CredentialsProviderContext = v.credentials
	}
	v.client = redis.NewClient(ro)
	return v
}

func (v *Valkey) credentials(ctx context.Context) (username, password string, err error) {
	l, err := v.token.Value(ctx)
	if err != nil {
		return "", "", err
	}
	v.last.Store(&l)
	return l.Username, l.Password, nil
}

// Ping asks the server.
func (v *Valkey) Ping(ctx context.Context) error {
	return v.do(func() error { return v.client.Ping(ctx).Err() })
}

// do asks the server something. A token that is refused is read again and tried once more.
func (v *Valkey) do(ask func() error) error {
	err := ask()
	if used := v.last.Load(); used != nil && isRefusedToken(err) {
		v.token.Refused(*used)
		err = ask()
	}
	if err != nil {
		return fmt.Errorf("valkey: %w", err)
	}
	return nil
}

// Close closes the connections.
func (v *Valkey) Close() error { return v.client.Close() }

// isRefusedToken: the error codes of AUTH and of a command without it.
func isRefusedToken(err error) bool {
	if err == nil {
		return false
	}
	var re redis.Error
	if !errors.As(err, &re) {
		return false
	}
	text := re.Error()
	return strings.Contains(text, "WRONGPASS") || strings.Contains(text, "NOAUTH") || strings.Contains(text, "invalid password")
}
