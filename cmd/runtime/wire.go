package main

import (
	"context"
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

// dependencies are the adapters, and how each is asked.
type dependencies struct {
	parts  []host.Part
	closes []func()
}

// closeLimit bounds waiting for connections that requests still hold after the shutdown limit.
const closeLimit = 5 * time.Second

func (d *dependencies) close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for _, f := range d.closes {
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
func connect(ctx context.Context, c contract.Config, cfg aws.Config, caBundle string) (*dependencies, error) {
	d := &dependencies{}
	manager := secretsmanager.NewFromConfig(cfg)

	if c.Database.Engine != contract.EnginePostgres {
		return nil, fmt.Errorf("database.engine: %q is for workloads that bring their own software; serve needs %q", c.Database.Engine, contract.EnginePostgres)
	}
	db, err := postgres.Open(ctx, postgres.Options{
		Host: c.Database.Host, Port: c.Database.Port, Name: c.Database.Name,
		AppName:    "lectern-" + string(c.Role),
		VerifyFull: c.Database.TLSMode == contract.TLSVerifyFull,
		CABundle:   caBundle,
		Login:      secret(manager, c.Database.SecretARN, secrets.DecodeLogin),
	})
	if err != nil {
		return nil, err
	}
	d.closes = append(d.closes, db.Close)
	d.parts = append(d.parts, host.Part{Name: "database", Well: "connected", Ask: db.Ping})

	store := objectstore.Open(cfg, objectstore.Options{
		Bucket: c.ObjectStore.Bucket, Region: c.ObjectStore.Region, Endpoint: c.ObjectStore.Endpoint,
		Keys: secret(manager, c.ObjectStore.SecretARN, secrets.DecodeKeys),
	})
	d.parts = append(d.parts, host.Part{Name: "storage", Well: "accessible", Ask: store.Ping})

	switch c.Cache.Engine {
	case contract.CacheValkey:
		v := cache.OpenValkey(cache.ValkeyOptions{
			Host: c.Cache.Host, Port: c.Cache.Port, TLS: c.Cache.TLS,
			Token: secret(manager, c.Cache.SecretARN, secrets.DecodeToken),
		})
		d.closes = append(d.closes, func() { _ = v.Close() })
		d.parts = append(d.parts, host.Part{Name: "cache", Well: "connected", Ask: v.Ping})
	case contract.CacheMemcached:
		var clusters []cache.Endpoint
		for _, e := range c.Cache.Clusters {
			clusters = append(clusters, cache.Endpoint{Name: e.Name, Host: e.Host, Port: e.Port})
		}
		d.parts = append(d.parts, host.Part{Name: "cache", Well: "connected", Ask: cache.NewMemcached(clusters...).Ping})
	}

	if c.Queue.URL != "" {
		d.parts = append(d.parts, host.Part{Name: "queue", Well: "connected", Ask: queue.Open(cfg, c.Queue.URL).Ping})
	}
	return d, nil
}

// secret is nil when there is no ARN.
func secret[T comparable](manager *secretsmanager.Client, arn string, decode func(string) (T, error)) *secrets.Secret[T] {
	if arn == "" {
		return nil
	}
	return secrets.New(secrets.FromManager(manager, arn), decode, secrets.DefaultMinAge)
}
