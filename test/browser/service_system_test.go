//go:build system

package browser_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/console"
	"github.com/lectern/lectern/runtime/httpapi"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/player"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

// service is the engine, and what a test can do to it that nobody else can.
type service struct {
	URL     string // of the engine, for browsers: they find every name below localhost on this machine
	API     string // the same by its address, for others
	Control string // POST /clock?ahead=DURATION, POST /commits?answer=STATUS (0: as usual, -1: none, the connection breaks), POST /hook
	Key     string
	Rival   string // the key of another tenant
}

func startService(t *testing.T) service {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	db := openDatabase(ctx, t)
	t.Cleanup(working.Wait)
	t.Cleanup(stop)
	store, err := objectstore.OpenFolder(t.TempDir())
	require.NoError(t, err)
	secret := make([]byte, launch.SecretSize)
	_, _ = rand.Read(secret) // never fails
	keys, err := launch.NewKeys(secret, nil)
	require.NoError(t, err)
	pages, err := player.New()
	require.NoError(t, err)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	jobs := queue.NewEmbedded(queue.EmbeddedOptions{})

	var ahead, commitAnswer atomic.Int64
	var routes http.Handler
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := int(commitAnswer.Load()); status != 0 && r.URL.Path == "/api/v1/commits" {
			if status < 0 {
				panic(http.ErrAbortHandler)
			}
			if status != http.StatusForbidden { // that is how a firewall says no, in a page of its own
				w.Header().Set("Content-Type", "application/problem+json")
			}
			w.WriteHeader(status)
			return
		}
		routes.ServeHTTP(w, r)
	}))
	port := strconv.Itoa(server.Listener.Addr().(*net.TCPAddr).Port)
	url := "http://learn.localhost:" + port
	mux := http.NewServeMux()
	people, err := console.New()
	require.NoError(t, err)
	mux.Handle("GET "+console.Path, people)
	mux.HandleFunc("GET /{$}", console.Front)
	routes, err = httpapi.NewEngine(mux, httpapi.Engine{
		DB: db, Store: store, Cache: cache.NewEmbedded(0), Queue: jobs, Keys: keys, Log: log, Player: pages,
		PublicURL: url, PlayerURL: "http://*.play.learn.localhost:" + port,
		Limits: httpapi.Limits{RequestsPerMinute: 1_000_000}, AllowPlainWebhooks: true,
		Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) },
	})
	require.NoError(t, err)
	server.Start()
	t.Cleanup(server.Close)

	importer := &worker.Importer{DB: db, Store: store, Log: log}
	loop := &worker.Loop{Queue: jobs, Handlers: map[string]worker.Handler{worker.KindImport: importer.Handle}, Log: log}
	working.Go(func() { loop.Run(ctx) })
	deliverer := &worker.Deliverer{DB: db, Secret: keys.WebhookSecret, AllowPlain: true, Every: 100 * time.Millisecond, Log: log}
	working.Go(func() { deliverer.Run(ctx) })

	control := http.NewServeMux()
	control.HandleFunc("POST /clock", func(w http.ResponseWriter, r *http.Request) {
		d, err := time.ParseDuration(r.FormValue("ahead"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ahead.Store(int64(d))
	})
	control.HandleFunc("POST /commits", func(w http.ResponseWriter, r *http.Request) {
		var status int64
		if _, err := fmt.Sscan(r.FormValue("answer"), &status); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		commitAnswer.Store(status)
	})
	control.HandleFunc("POST /hook", func(http.ResponseWriter, *http.Request) {}) // a receiver of webhooks
	controls := httptest.NewServer(control)
	t.Cleanup(controls.Close)

	newTenant := func(id string) string {
		require.NoError(t, db.CreateTenant(ctx, tenant.Tenant{ID: id, Name: id, CreatedAt: time.Now()}))
		key, text, hash := tenant.NewKey(id, "browser test", tenant.AllScopes(), time.Now(), nil)
		require.NoError(t, db.CreateKey(ctx, key, hash))
		return text
	}
	return service{URL: url, API: "http://127.0.0.1:" + port, Control: controls.URL, Key: newTenant("school"), Rival: newTenant("rival")}
}

func openDatabase(ctx context.Context, t *testing.T) *postgres.DB {
	t.Helper()
	server := pgtest.Start(t)
	login := fmt.Sprintf(`{"username":%q,"password":%q}`, pgtest.User, server.Password)
	db, err := postgres.Open(ctx, postgres.Options{
		Host: server.Host, Port: server.Port, Name: pgtest.Database, AppName: "browser-test",
		Login: secrets.New(func(context.Context) (string, error) { return login, nil }, secrets.DecodeLogin, time.Hour),
	})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.NoError(t, db.Migrate(ctx))
	return db
}
