package httpapi_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/worker"
)

// canaries are strings that nothing else has, by what they are planted as.
var canaries = map[string]string{
	"learner id": "canary-7c1e/äß", "learner name": "Canary, Quillfeather", "answer": "canary-answer-5d20", "bookmark": "canary-bookmark-11aa",
	"suspend data": "canary-suspend-e0b4", "player state": "canary-state-90cd", "return address": "canary-return-4f4f", "comment": "canary-comment-abcd",
	"idempotency key": "canary-7c1e/once-77",
}

// overheard is a cache or a queue that keeps all it was ever told: what was never in it needs no erasing.
type overheard struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *overheard) note(words ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(strings.Join(words, " ") + "\n")
}

func (o *overheard) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

type overheardCache struct {
	cache.Port
	*overheard
}

func (o overheardCache) Set(ctx context.Context, key string, value []byte, life time.Duration) error {
	o.note("set", key, string(value))
	return o.Port.Set(ctx, key, value, life)
}

func (o overheardCache) Add(ctx context.Context, key string, n int64, life time.Duration) (int64, error) {
	o.note("add", key)
	return o.Port.Add(ctx, key, n, life)
}

func (o overheardCache) Lock(ctx context.Context, name string, life time.Duration) (cache.Lock, error) {
	o.note("lock", name)
	return o.Port.Lock(ctx, name, life)
}

type overheardQueue struct {
	queue.Port
	*overheard
}

func (o overheardQueue) Send(ctx context.Context, body []byte) error {
	o.note(string(body))
	return o.Port.Send(ctx, body)
}

// receiver is where webhooks are delivered to. It refuses, so that deliveries stay.
func receiver(t *testing.T) (address string, seen *overheard) {
	seen = &overheard{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		_, _ = fmt.Fprint(&b, r.Header)
		seen.note(b.String())
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(server.Close)
	return server.URL, seen
}

// dump is every value of every table.
func (s *service) dump() string {
	s.t.Helper()
	conn, err := s.db.Acquire(s.t.Context())
	require.NoError(s.t, err)
	defer conn.Release()
	text, err := pgtest.Dump(s.t.Context(), conn.Conn())
	require.NoError(s.t, err)
	return text
}

// analyze lets the planner copy values into its statistics.
func (s *service) analyze() {
	s.t.Helper()
	require.NoError(s.t, database.cluster.Exec(s.t.Context(), "ANALYZE"))
}

func withoutStatistics(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "statistics: ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// folder is every byte of every object, and its name.
func folder(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		b.WriteString(path + "\n" + string(text) + "\n")
		return err
	}))
	return b.String()
}

// TestNothingOfALearnerIsLeft plants strings wherever a learner's data goes, erases the learner, and looks everywhere.
func TestNothingOfALearnerIsLeft(t *testing.T) {
	dir := t.TempDir()
	store, err := objectstore.OpenFolder(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	said, sent := &overheard{}, &overheard{}
	s := newService(t, func(e *engine) {
		e.Store, e.Cache, e.Queue = store, overheardCache{e.Cache, said}, overheardQueue{e.Queue, sent}
	})
	s.store = store
	c, other := s.tenant(), s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	two := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	address, received := receiver(t)
	c.send("POST", "/api/v1/webhooks", object{"url": address}).is(201)
	ids := s.plant(c, in.course)
	ids = append(ids, s.plant(c, two.course)...)
	s.plant(other, s.course(other.tenant, oneSCO(content.SCORM12), nil).course) // the same learner elsewhere
	c.played(in.course, "somebody else")
	archive(t, other, 1) // another tenant's archive
	deliverer := &worker.Deliverer{DB: s.db, Secret: s.keys.WebhookSecret, AllowPlain: true, Every: 10 * time.Millisecond, Log: discard()}
	stop := start(deliverer.Run)
	require.Eventually(t, func() bool { return strings.Count(received.String(), "attempt.result_changed") >= 3 }, 10*time.Second, 10*time.Millisecond)
	stop()
	refused := c.send("POST", "/api/v1/registrations", object{"courseId": "x", "learner": object{"id": canaries["learner id"], "name": canaries["learner name"]}})
	refused.problem(422)
	c.send("GET", "/api/v1/registrations?learnerId="+"canary-7c1e%2F%C3%A4%C3%9F", nil).is(200)

	places := func() map[string]string {
		serverLog, err := os.ReadFile(database.cluster.Log())
		require.NoError(t, err)
		return map[string]string{
			"database": s.dump(), "object store": folder(t, dir), "cache": said.String(), "queue": sent.String(), "log": s.log.String(),
			"log of PostgreSQL": string(serverLog),
		}
	}
	s.analyze()
	before := places()
	require.Contains(t, before["database"], "statistics: attempts", "the planner has looked at the tables")
	for what, canary := range canaries {
		if what != "idempotency key" { // of which a hash is kept
			require.Contains(t, before["database"], canary, "%s is planted", what)
		}
		for _, place := range []string{"cache", "queue", "log", "log of PostgreSQL"} {
			require.NotContains(t, before[place], canary, "the %s knows the %s", place, what)
		}
	}

	claimed, err := s.db.ClaimDeliveries(t.Context(), time.Now().Add(time.Hour), time.Minute, postgres.DeliveryShare{Limit: 1000, Most: 1000}) // a worker is about to send them
	require.NoError(t, err)
	receipt := c.finish(c.erase("POST", "/api/v1/learners/erase", object{"learnerId": canaries["learner id"]}))
	require.EqualValues(t, 2, receipt.Removed.Registrations)
	require.EqualValues(t, 2, receipt.Removed.Answers)
	require.EqualValues(t, 2, receipt.Removed.Deliveries)
	for _, d := range claimed {
		if _, err := s.db.WebhookOf(t.Context(), d); err == nil {
			for _, id := range ids {
				require.NotContains(t, string(d.Data), id, "a delivery that was claimed before is sent")
			}
		}
	}

	other.finish(other.erase("POST", "/api/v1/learners/erase", object{"learnerId": canaries["learner id"]}))
	for place, text := range places() {
		for what, canary := range canaries {
			require.NotContains(t, text, canary, "the %s is in the %s", what, place)
		}
		if place == "database" || place == "object store" {
			rows := withoutStatistics(text) // where an id may be that leads nowhere any more
			for _, id := range ids {
				require.NotContains(t, rows, id, "an id of what was erased is in the %s", place)
			}
		}
	}
	require.Contains(t, s.dump(), "somebody else", "nobody else is erased")
}

// plant makes a learner with canaries, and returns the ids that belong to the learner.
func (s *service) plant(c caller, courseID string) (ids []string) {
	s.t.Helper()
	var r, l struct{ ID, URL string }
	body := object{"courseId": courseID, "learner": object{"id": canaries["learner id"], "name": canaries["learner name"]}}
	c.send("POST", "/api/v1/registrations", body, "Idempotency-Key", canaries["idempotency key"]+courseID).is(201, &r)
	options := object{"returnUrl": "https://portal.example.org/" + canaries["return address"]}
	c.send("POST", "/api/v1/registrations/"+r.ID+"/launches", options).is(201, &l)
	p := s.open(l.URL[strings.LastIndexByte(l.URL, '/')+1:])
	p.commit(s, object{"sequence": 1, "activity": "item_1", "course": object{"state": object{"at": canaries["player state"]}}, "cmi": map[string]string{
		"cmi.core.lesson_status": "passed", "cmi.suspend_data": canaries["suspend data"], "cmi.core.lesson_location": canaries["bookmark"],
		"cmi.comments": canaries["comment"], "cmi.interactions.0.id": "q1", "cmi.interactions.0.type": "fill-in", "cmi.interactions.0.student_response": canaries["answer"],
	}})
	attempt := c.items("/api/v1/registrations/" + r.ID + "/attempts")[0]["id"].(string)
	c.send("GET", "/api/v1/attempts/"+attempt, nil).is(200)
	return []string{r.ID, l.ID, attempt}
}

// start runs f until stop is called, and waits for its end.
func start(f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	return func() { cancel(); <-done }
}
