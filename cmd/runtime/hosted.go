package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/secrets"
)

// newHosted prepares everything that the configuration and the recipe name. Nothing is asked yet.
func newHosted(c contract.Config, recipe contract.Recipe, cfg aws.Config, o hostOptions, b *beside) (*hosted, error) {
	w := &hosted{config: c, recipe: recipe, options: o, log: b.log, metrics: host.NewMetrics(), jobs: func(context.Context) {}}
	manager := secretsmanager.NewFromConfig(cfg)
	refresh := filepath.Join(o.environmentDir, filepath.Base(contract.RefreshFile))
	db, err := database.Open(database.Options{
		Database: c.Database, CABundle: o.source.caBundle, AppName: "lectern-host", Login: secret(manager, c.Database.SecretARN, secrets.DecodeLogin),
		OnRefused: func() { // the workload has the same login in its environment
			if err := touch(refresh); err != nil {
				b.log.Warn("the environment could not be asked to refresh itself", "reason", err)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	w.closes = append(w.closes, func() { _ = db.Close() })
	w.parts = []host.Part{{Name: "database", Well: "connected", Ask: db.Ping}}
	if ask := storage(c, cfg, manager); ask != nil {
		w.parts = append(w.parts, host.Part{Name: "storage", Well: "accessible", Ask: ask})
	}
	locks := w.caches(manager)
	if c.Queue.URL != "" {
		w.parts = append(w.parts, host.Part{Name: "queue", Well: "connected", Ask: queue.Open(cfg, c.Queue.URL).Ping})
	}
	public, err := publicURL(c)
	if err != nil {
		return nil, err
	}
	w.parts = append(w.parts, host.WorkloadPart(&url.URL{Scheme: "http", Host: o.upstream}, recipe.CheckPath, public))
	if len(recipe.Jobs) > 0 {
		w.jobs, err = newJobs(w, db, locks, b.instance)
	}
	return w, err
}

// newJobs runs the jobs of the recipe.
func newJobs(w *hosted, db *database.DB, locks cache.Port, instance string) (run func(context.Context), err error) {
	if locks == nil {
		return nil, errors.New("locks: is missing; the jobs of the recipe need a Valkey to know who runs them")
	}
	environment := filepath.Join(w.options.environmentDir, filepath.Base(contract.EnvironmentJSON))
	known, err := facts.Gather(w.config, w.recipe, instance, "")
	if err != nil {
		return nil, err
	}
	known.CodeDir, known.EnvironmentJSON = w.options.codeDir, environment
	known.EnvironmentFile = filepath.Join(w.options.environmentDir, filepath.Base(contract.EnvironmentFile))
	list := slices.Clone(w.recipe.Jobs)
	for i, j := range list {
		if list[i].Run, err = known.Render(j.Run); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	runner, err := jobs.New(jobs.Options{
		Jobs: list, Cache: locks, Database: db, Commands: command.System{}, Dir: w.options.codeDir, EnvironmentJSON: environment, Variables: w.recipe.Environment,
		Instance: instance, Log: w.log, Observe: w.metrics.ObserveJob, ObserveLost: w.metrics.ObserveLostJob,
		DrainLimit: w.options.drain.Delay + w.options.drain.Limit, // requests have as long
	})
	if err != nil {
		return nil, err
	}
	return runner.Run, nil
}

// storage asks the shared file system and the bucket, as far as there are any.
func storage(c contract.Config, cfg aws.Config, manager *secretsmanager.Client) func(context.Context) error {
	var asks []func(context.Context) error
	if c.Files.MountPath != "" {
		asks = append(asks, host.AskFiles(c.Files.MountPath))
	}
	if c.ObjectStore != (contract.ObjectStore{}) {
		asks = append(asks, objectstore.Open(cfg, objectstore.Options{
			Bucket: c.ObjectStore.Bucket, Region: c.ObjectStore.Region, Endpoint: c.ObjectStore.Endpoint, Prefix: c.ObjectStore.Prefix,
			Keys: secret(manager, c.ObjectStore.SecretARN, secrets.DecodeKeys),
		}).Ping)
	}
	if len(asks) == 0 {
		return nil
	}
	return func(ctx context.Context) error {
		for _, ask := range asks {
			if err := ask(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// caches adds the parts "cache" and "locks" (where that is another), and returns what the locks are in; nil: nothing.
func (w *hosted) caches(manager *secretsmanager.Client) cache.Port {
	valkey := func(c contract.Cache) cache.Port {
		v := cache.OpenValkey(cache.ValkeyOptions{Host: c.Host, Port: c.Port, TLS: c.TLS, Token: secret(manager, c.SecretARN, secrets.DecodeToken)})
		w.closes = append(w.closes, func() { _ = v.Close() })
		return v
	}
	var locks cache.Port
	add := func(name string, ask func(context.Context) error) {
		w.parts = append(w.parts, host.Part{Name: name, Well: "connected", Ask: ask})
	}
	switch w.config.Cache.Engine {
	case contract.CacheValkey:
		locks = valkey(w.config.Cache)
		add("cache", locks.Ping)
	case contract.CacheMemcached:
		add("cache", memcached(w.config.Cache.Clusters).Ping)
	}
	if w.config.Locks.Engine == contract.CacheValkey {
		locks = valkey(w.config.Locks)
		add("locks", locks.Ping)
	}
	return locks
}

// touch sets a file's time of change, and makes it if it is not there.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	now := time.Now()
	return errors.Join(f.Close(), os.Chtimes(path, now, now))
}
