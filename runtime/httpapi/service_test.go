package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/httpapi"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/cluster"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/runtime/tenant"
)

// database is one PostgreSQL for all tests of the package; each test has tenants of its own.
var database struct {
	sync.Once
	cluster *cluster.Cluster
	db      *postgres.DB
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if database.db != nil {
		database.db.Close()
	}
	if database.cluster != nil {
		database.cluster.Kill()
		_ = os.RemoveAll(database.cluster.Dir) // it is temporary
	}
	os.Exit(code)
}

func openDatabase(t testing.TB) *postgres.DB {
	t.Helper()
	database.Do(func() {
		ctx := context.Background()
		dir, err := os.MkdirTemp("", "lectern-httpapi-")
		if err == nil {
			database.cluster, err = cluster.Start(ctx, cluster.Options{Dir: dir, Settings: map[string]string{"fsync": "off"}})
		}
		if err != nil {
			database.err = err
			return
		}
		c := database.cluster
		login := fmt.Sprintf(`{"username":%q,"password":%q}`, c.User, c.Password)
		database.db, database.err = postgres.Open(ctx, postgres.Options{
			Host: c.Host, Port: c.Port, Name: cluster.Database, AppName: "httpapi",
			Login: secrets.New(func(context.Context) (string, error) { return login, nil }, secrets.DecodeLogin, time.Hour),
		})
		if database.err == nil {
			database.err = database.db.Migrate(ctx)
		}
	})
	if errors.Is(database.err, cluster.ErrNoPrograms) && os.Getenv("CI") != "true" {
		fmt.Fprintln(os.Stderr, "httpapi: nothing is tested:", database.err) // go test hides the reason of a skip
		t.Skip(database.err)
	}
	require.NoError(t, database.err)
	return database.db
}

// service is an engine with a real database, a folder, and an embedded cache and queue.
type service struct {
	t        testing.TB
	db       *postgres.DB
	store    objectstore.Port
	cache    *switchable
	queue    *queue.Embedded
	keys     *launch.Keys
	skew     atomic.Int64 // what the service's clock is ahead, ns
	base     string
	handler  http.Handler
	log      *logBook
	outcomes chan string
	players  launch.Players
	courses  map[string]string // content id → course, of those that course has made
}

// switchable is a cache that can be away.
type switchable struct {
	cache.Port
	away atomic.Bool
}

func (s *switchable) Add(ctx context.Context, key string, n int64, life time.Duration) (int64, error) {
	if s.away.Load() {
		return 0, errors.New("the cache is away")
	}
	return s.Port.Add(ctx, key, n, life)
}

func newService(t testing.TB, change ...func(*httpapi.Engine)) *service {
	t.Helper()
	db := openDatabase(t)
	store, err := objectstore.OpenFolder(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	keys, err := launch.NewKeys(bytes.Repeat([]byte{7}, launch.SecretSize), nil)
	require.NoError(t, err)
	s := &service{t: t, db: db, store: store, cache: &switchable{Port: cache.NewEmbedded(0)}, queue: queue.NewEmbedded(queue.EmbeddedOptions{}), keys: keys,
		log: &logBook{}, outcomes: make(chan string, 100), courses: map[string]string{}}
	mux := http.NewServeMux()
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	server := httptest.NewUnstartedServer(nil)
	s.base = "http://" + server.Listener.Addr().String()
	e := httpapi.Engine{
		DB: db, Store: store, Cache: s.cache, Queue: s.queue, Keys: keys, Log: log, PublicURL: s.base, AllowPlainWebhooks: true,
		PlayerURL:     "http://*.play.localhost",
		Clock:         func() time.Time { return time.Now().Add(time.Duration(s.skew.Load())) },
		ObserveCommit: func(outcome string) { s.outcomes <- outcome },
	}
	for _, f := range change {
		f(&e)
	}
	s.keys = e.Keys
	s.players, err = launch.NewPlayers(e.PlayerURL, e.PublicURL)
	require.NoError(t, err)
	s.handler, err = httpapi.NewEngine(mux, e)
	require.NoError(t, err)
	server.Config = httpapi.NewServer(s.handler, log)
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// logBook is what the service has logged.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var tenants atomic.Int64

// tenant makes a tenant and a key of it with these scopes; none means all.
func (s *service) tenant(scopes ...tenant.Scope) caller {
	s.t.Helper()
	id := fmt.Sprintf("t%d-%d", os.Getpid(), tenants.Add(1))
	require.NoError(s.t, s.db.CreateTenant(s.t.Context(), tenant.Tenant{ID: id, Name: id, CreatedAt: time.Now()}))
	return s.key(id, scopes...)
}

func (s *service) key(tenantID string, scopes ...tenant.Scope) caller {
	s.t.Helper()
	if scopes == nil {
		scopes = tenant.AllScopes()
	}
	k, text, hash := tenant.NewKey(tenantID, "test", scopes, time.Now(), nil)
	require.NoError(s.t, s.db.CreateKey(s.t.Context(), k, hash))
	return caller{s: s, tenant: tenantID, token: text}
}

// caller makes requests with a bearer token.
type caller struct {
	s      *service
	tenant string
	token  string
}

func (s *service) with(token string) caller { return caller{s: s, token: token} }

type reply struct {
	t      testing.TB
	status int
	header http.Header
	text   string
}

// send makes a request. body is nil, a string as it is, or anything else as JSON; header pairs follow. What comes back must be as
// the OpenAPI document says.
func (c caller) send(method, path string, body any, header ...string) reply {
	t := c.s.t
	t.Helper()
	var text io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		text = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		require.NoError(t, err)
		text = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, c.s.base+path, text)
	require.NoError(t, err)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Host = c.s.hostFor(path, c.token, body)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	return c.s.do(r)
}

// hostFor is where a browser asks for a path: at the player's host of the course that a token or content is of, if it is one of
// those that are there only.
func (s *service) hostFor(path, token string, body any) string {
	tenantID, launchID := "", ""
	switch segments := strings.Split(path, "/"); segments[1] {
	case "content":
		if len(segments) > 4 {
			return s.players.Host(segments[3], s.courses[segments[4]])
		}
	case "launch", "player":
		if given, ok := body.(map[string]string); ok {
			tenantID, launchID, _ = s.keys.CheckLink(given["token"], time.Time{})
		} else if given, ok := body.(map[string]any); ok {
			tenantID, launchID, _ = s.keys.CheckLink(fmt.Sprint(given["token"]), time.Time{})
		} else if claimed, err := s.keys.CheckSession(token, time.Time{}); err == nil {
			tenantID, launchID = claimed.TenantID, claimed.LaunchID
		}
	default:
		return ""
	}
	l, _ := s.db.Launch(s.t.Context(), tenantID, launchID) // there may be none: then it is the host of no course
	return s.players.Host(tenantID, l.CourseID)
}

func (s *service) do(r *http.Request) reply {
	s.t.Helper()
	answer, err := transport().RoundTrip(r)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	got := reply{t: s.t, status: answer.StatusCode, header: answer.Header, text: string(text)}
	if strings.HasPrefix(r.URL.Path, "/api/v1/") {
		checkAgainstDocument(s, r, got)
	}
	if got.header.Get("Content-Type") == "application/problem+json" {
		var p problem
		require.NoError(s.t, json.Unmarshal(text, &p))
		require.Contains(s.t, httpapi.ProblemTypes(), p.Type)
	}
	return got
}

// is checks the status and decodes the body into v, if there is one to decode into.
func (r reply) is(status int, v ...any) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.text)
	if status >= 400 {
		require.Equal(r.t, "application/problem+json", r.header.Get("Content-Type"))
		require.Equal(r.t, "no-store", r.header.Get("Cache-Control"))
	}
	for _, into := range v {
		require.NoError(r.t, json.Unmarshal([]byte(r.text), into), r.text)
	}
	return r
}

type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []struct{ Location, Message string }
}

// problem is the problem that came back with this status, and the places it names.
func (r reply) problem(status int) (p problem, places []string) {
	r.t.Helper()
	r.is(status, &p)
	require.Equal(r.t, status, p.Status)
	require.Equal(r.t, http.StatusText(status), p.Title)
	require.NotEmpty(r.t, p.Detail)
	require.Equal(r.t, "urn:lectern:request:"+r.header.Get(httpapi.RequestIDHeader), p.Instance)
	for _, e := range p.Errors {
		places = append(places, e.Location)
	}
	return p, places
}

type (
	engine = httpapi.Engine
	limit  = httpapi.Limits
)

func limits(f func(*limit)) func(*engine) { return func(e *engine) { f(&e.Limits) } }

// items are those of a list's first page.
func (c caller) items(path string) []map[string]any {
	c.s.t.Helper()
	var page struct{ Items []map[string]any }
	c.send("GET", path, nil).is(200, &page)
	return page.Items
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func serve(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// request is one that send would make, for answers that it cannot read.
func (s *service) request(t testing.TB, token, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.base+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return r
}

func transport() *http.Transport {
	return &http.Transport{DisableCompression: true, DisableKeepAlives: true}
}

func (s *service) eachArchived(tenantID string, do func(attemptID string)) error {
	return s.db.EachArchived(s.t.Context(), tenantID, "", func(a postgres.Archived) error { do(a.AttemptID); return nil })
}

// lostStore is a store that gives nothing.
type lostStore struct{ objectstore.Port }

func (lostStore) Get(context.Context, string, int64, int64) (objectstore.Object, error) {
	return objectstore.Object{}, errors.New("the store is away")
}
