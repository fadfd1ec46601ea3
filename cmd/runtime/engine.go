package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lectern/lectern/runtime/console"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/httpapi"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/player"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/worker"
)

// engine is the service, put together from its adapters.
type engine struct {
	*adapters
	keys      *launch.Keys
	metrics   *host.Metrics
	log       *slog.Logger
	publicURL string
	playerURL string
	serves    bool // requests
	works     bool // off the queue
	laptop    bool // webhooks may go to plain and private addresses
	keeps     erasure.Keeps

	migrated                  atomic.Bool
	queueWaiting, queueOldest atomic.Int64 // messages; milliseconds, −1 if unknown
}

var errSchema = errors.New("the schema is not up to date yet")

// health is of the parts. A database without its schema is no database yet.
func (e *engine) health() *host.Health {
	parts := slices.Clone(e.parts)
	for i, p := range parts {
		if p.Name == "database" {
			parts[i].Ask = func(ctx context.Context) error {
				if err := p.Ask(ctx); err != nil {
					return err
				}
				if !e.migrated.Load() {
					return errSchema
				}
				return nil
			}
		}
	}
	return host.NewHealth(e.log, host.HealthOptions{}, parts...)
}

// measured is how often the queue and the replica are asked how they are.
const measured = 15 * time.Second

// handler answers requests, in a process that may use this many bytes of memory. mux has the health paths; an instance that
// serves nothing has no others.
func (e *engine) handler(mux *http.ServeMux, memory int64) (http.Handler, error) {
	if !e.serves {
		return mux, nil
	}
	pages, err := player.New()
	if err != nil {
		return nil, err
	}
	people, err := console.New()
	if err != nil {
		return nil, err
	}
	mux.Handle("GET "+console.Path, people)
	mux.HandleFunc("GET /{$}", console.Front)
	return httpapi.NewEngine(mux, httpapi.Engine{
		DB: e.db, Store: e.store, Cache: e.cache, Queue: e.queue, Keys: e.keys, Log: e.log, PublicURL: e.publicURL, PlayerURL: e.playerURL,
		Player: pages, AllowPlainWebhooks: e.laptop, Keeps: e.keeps, ObserveCommit: e.metrics.ObserveCommit,
		Limits: httpapi.Limits{BytesInFlight: httpapi.BytesInFlight(memory)},
	})
}

// observe counts requests, but not those that only ask how the instance is.
func (e *engine) observe(route, method string, status int, seconds float64) {
	switch route {
	case contract.LivePath, contract.ReadyPath, contract.HealthPath:
	default:
		e.metrics.ObserveRequest(route, method, status, seconds)
	}
}

// run does the work beside requests until ctx is done and what was begun has ended.
func (e *engine) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { e.measure(ctx) })
	if e.works {
		importer := &worker.Importer{DB: e.db, Store: e.store, Observe: e.metrics.ObserveImport, Log: e.log}
		loop := &worker.Loop{
			Queue: e.queue, Handlers: map[string]worker.Handler{worker.KindImport: importer.Handle},
			Observe: e.metrics.ObserveJob, Log: e.log,
		}
		keeper := &worker.Keeper{DB: e.db, Store: e.store, Log: e.log}
		sweeper := &worker.Sweeper{DB: e.db, Cache: e.cache, Queue: e.queue, Keeper: keeper, Log: e.log}
		deliverer := &worker.Deliverer{DB: e.db, Secret: e.keys.WebhookSecret, AllowPlain: e.laptop, Observe: e.metrics.ObserveJob, Log: e.log}
		all.Go(func() { loop.Run(ctx) })
		all.Go(func() { sweeper.Run(ctx) })
		eraser := &worker.Eraser{DB: e.db, Store: e.store, Log: e.log}
		all.Go(func() { deliverer.Run(ctx) })
		all.Go(func() { eraser.Run(ctx) })
	}
	all.Wait()
}

// migrate brings the schema up to date, trying until it has or ctx is done: a database that is away at the start is no reason to
// end, see package host.
func (e *engine) migrate(ctx context.Context) error {
	for {
		err := e.db.Migrate(ctx)
		if err == nil {
			e.migrated.Store(true)
			return nil
		}
		e.log.Warn("the schema could not be brought up to date; trying again", "reason", err)
		select {
		case <-ctx.Done():
			return fmt.Errorf("bring the schema up to date: %w", err)
		case <-time.After(2 * time.Second):
		}
	}
}

// gauges connects what the adapters know of themselves to the metrics.
func (e *engine) gauges() {
	e.queueOldest.Store(-1)
	e.metrics.Gauge("lectern_queue_waiting", "Messages waiting in the queue.", func() float64 { return float64(e.queueWaiting.Load()) })
	e.metrics.Gauge("lectern_queue_oldest_age_seconds", "Age of the oldest waiting message; -1 if unknown.", func() float64 {
		if ms := e.queueOldest.Load(); ms >= 0 {
			return float64(ms) / 1000
		}
		return -1
	})
	for _, g := range []struct {
		name, help string
		read       func(postgres.Stats) float64
	}{
		{"lectern_db_pool_acquired", "Connections to the primary in use.", func(s postgres.Stats) float64 { return float64(s.Primary.Acquired) }},
		{"lectern_db_pool_idle", "Connections to the primary that are idle.", func(s postgres.Stats) float64 { return float64(s.Primary.Idle) }},
		{"lectern_db_pool_max", "Connections to the primary there may be.", func(s postgres.Stats) float64 { return float64(s.Primary.Max) }},
		{"lectern_db_pool_waits", "How often a request found no free connection, since the start.", func(s postgres.Stats) float64 { return float64(s.Primary.Waits) }},
		{"lectern_db_pool_wait_seconds", "How long requests waited for a connection, since the start.", func(s postgres.Stats) float64 { return s.Primary.WaitSeconds }},
		{"lectern_db_reads_primary", "Lists and reports answered by the primary, since the start.", func(s postgres.Stats) float64 { return float64(s.Reads.Primary) }},
		{"lectern_db_reads_replica", "Lists and reports answered by a replica, since the start.", func(s postgres.Stats) float64 { return float64(s.Reads.Replica) }},
		{"lectern_db_replica_lag_seconds", "How far the replica was behind when it was last looked at; -1: there is none, or it cannot tell.", func(s postgres.Stats) float64 {
			if s.Lag == nil {
				return -1
			}
			return s.Lag.Seconds
		}},
	} {
		e.metrics.Gauge(g.name, g.help, func() float64 { return g.read(e.db.Stats()) })
	}
}

func (e *engine) measure(ctx context.Context) {
	for {
		if err := e.db.MeasureLag(ctx); err != nil && ctx.Err() == nil {
			e.log.Debug("the replica's lag is unknown", "reason", err)
		}
		stats, err := e.queue.Stats(ctx)
		switch {
		case err == nil:
			e.queueWaiting.Store(int64(stats.Waiting))
			e.queueOldest.Store(stats.OldestAge.Milliseconds())
		case ctx.Err() == nil:
			e.log.Debug("the queue's length is unknown", "reason", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(measured):
		}
	}
}
