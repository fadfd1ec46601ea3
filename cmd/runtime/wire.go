package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/secrets"
)

// adapters are what the engine keeps things in, and how each is asked.
type adapters struct {
	db     *postgres.DB
	store  objectstore.Port
	cache  cache.Port
	queue  queue.Port
	parts  []host.Part
	closes []func()
}

// closeLimit bounds waiting for connections that requests still hold after the shutdown limit.
const closeLimit = 5 * time.Second

func (a *adapters) close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for _, f := range a.closes {
			f()
		}
	}()
	select {
	case <-closed:
	case <-time.After(closeLimit):
	}
}

// connect prepares an adapter for everything the configuration names. Nothing is asked yet, so an instance whose
// database is away still starts, answers on its health paths and becomes ready when the database is back.
func connect(ctx context.Context, c contract.Config, cfg aws.Config, caBundle string) (*adapters, error) {
	a := &adapters{}
	manager := secretsmanager.NewFromConfig(cfg)
	var err error
	if a.db, err = openDatabase(ctx, c, manager, caBundle); err != nil {
		return nil, err
	}
	a.closes = append(a.closes, a.db.Close)
	a.store = objectstore.Open(cfg, objectstore.Options{
		Bucket: c.ObjectStore.Bucket, Region: c.ObjectStore.Region, Endpoint: c.ObjectStore.Endpoint, Prefix: c.ObjectStore.Prefix,
		Keys: secret(manager, c.ObjectStore.SecretARN, secrets.DecodeKeys),
	})
	if c.Cache.Engine == contract.CacheValkey {
		a.cache = cache.OpenValkey(cache.ValkeyOptions{
			Host: c.Cache.Host, Port: c.Cache.Port, TLS: c.Cache.TLS,
			Token: secret(manager, c.Cache.SecretARN, secrets.DecodeToken),
		})
	}
	if c.Queue.URL != "" {
		a.queue = queue.Open(cfg, c.Queue.URL)
	}
	a.complete()
	if c.Cache.Engine == contract.CacheMemcached {
		a.parts = append(a.parts, host.Part{Name: "cache", Well: "connected", Ask: memcached(c.Cache.Clusters).Ping})
	}
	return a, nil
}

// memcached is asked for its health only: it has no locks, so the engine does without it.
func memcached(endpoints []contract.CacheEndpoint) *cache.Memcached {
	var clusters []cache.Endpoint
	for _, e := range endpoints {
		clusters = append(clusters, cache.Endpoint{Name: e.Name, Host: e.Host, Port: e.Port})
	}
	return cache.NewMemcached(clusters...)
}

// complete puts what works inside the process in the place of what is not configured, and asks about the rest.
func (a *adapters) complete() {
	a.parts = []host.Part{
		{Name: "database", Well: "connected", Ask: telling(a.db.Ping)},
		{Name: "storage", Well: "accessible", Ask: telling(a.store.Ping)},
	}
	if a.cache == nil {
		a.cache = cache.NewEmbedded(0)
	} else {
		a.parts = append(a.parts, host.Part{Name: "cache", Well: "connected", Ask: a.cache.Ping})
	}
	a.closes = append(a.closes, func() { _ = a.cache.Close() })
	if a.queue == nil {
		a.queue = queue.NewEmbedded(queue.EmbeddedOptions{})
	} else {
		a.parts = append(a.parts, host.Part{Name: "queue", Well: "connected", Ask: a.queue.Ping})
	}
}

// telling lets the report say why a part that answers cannot do its work.
func telling(ask func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := ask(ctx)
		if errors.Is(err, postgres.ErrDiskFull) || errors.Is(err, objectstore.ErrFull) {
			return &host.Trouble{Is: "disk full", Err: err}
		}
		return err
	}
}

func openDatabase(ctx context.Context, c contract.Config, manager *secretsmanager.Client, caBundle string) (*postgres.DB, error) {
	if c.Database.Engine != contract.EnginePostgres {
		return nil, fmt.Errorf("database.engine: %q is for workloads that bring their own software; serve needs %q", c.Database.Engine, contract.EnginePostgres)
	}
	return postgres.Open(ctx, postgres.Options{
		Host: c.Database.Host, Port: c.Database.Port, Name: c.Database.Name,
		ReadHost: c.Database.ReadHost, ReadPort: c.Database.Port,
		AppName:    "lectern-" + string(c.Role),
		VerifyFull: c.Database.TLSMode == contract.TLSVerifyFull,
		CABundle:   caBundle,
		Login:      secret(manager, c.Database.SecretARN, secrets.DecodeLogin),
	})
}

// secret is nil when there is no ARN.
func secret[T comparable](manager *secretsmanager.Client, arn string, decode func(string) (T, error)) *secrets.Secret[T] {
	if arn == "" {
		return nil
	}
	return secrets.New(secrets.FromManager(manager, arn), decode, secrets.DefaultMinAge)
}
