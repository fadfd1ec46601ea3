package httpapi_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/httpapi"
	"github.com/lectern/lectern/runtime/objectstore"
)

func TestBodiesThatAreNotWhatTheyShouldBe(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	const path = "/api/v1/registrations"
	for name, b := range map[string]struct {
		body   string
		status int
	}{
		"nothing":       {"", 400},
		"no JSON":       {"<xml/>", 400},
		"cut off":       {`{"courseId":"`, 400},
		"two values":    {`{} {}`, 400},
		"no UTF-8":      {"{\"courseId\":\"\xff\"}", 400},
		"NUL":           {`{"courseId":"x","learner":{"id":"a\u0000b","name":""}}`, 400},
		"deep":          {strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), 400},
		"a list":        {`[]`, 422},
		"null":          {`null`, 422},
		"unknown field": {`{"courseId":"` + newID() + `","learner":{"id":"a","name":""},"admin":true}`, 422},
		"unknown inner": {`{"courseId":"` + newID() + `","learner":{"id":"a","name":"","admin":true}}`, 422},
	} {
		got := c.send("POST", path, b.body)
		require.Equal(t, b.status, got.status, "%s: %s", name, got.text)
		got.problem(b.status)
	}
	// An escaped backslash is no escape.
	c.send("POST", path, `{"courseId":"`+newID()+`","learner":{"id":"a\\u0000b","name":""}}`).problem(404)

	_, places := c.send("POST", path, `{"courseId":"x","learner":{"id":"","nam":1}}`).problem(422)
	require.ElementsMatch(t, []string{"body.courseId", "body.learner", "body.learner.id", "body.learner.nam"}, places, "all that is wrong at once")
	require.NotContains(t, c.send("POST", path, `{"courseId":"jane@example.org"}`).text, "jane", "values are not echoed")
	c.send("POST", path, `{}`, "Content-Type", "text/plain").problem(415)
	c.send("POST", "/api/v1/registrations/"+newID()+"/attempts", `{"a":1}`).problem(400)
	_, places = c.send("GET", "/api/v1/courses/1", nil).problem(422)
	require.Contains(t, places, "path.id")
}

func TestBodiesThatAreTooLarge(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	large := `{"fileName":"` + strings.Repeat("x", 1<<20) + `"}`
	c.send("POST", "/api/v1/imports", large).problem(413)
	c.send("POST", "/api/v1/registrations/"+newID()+"/attempts", large).problem(413)
	c.send("GET", "/api/v1/courses", large).problem(413)
	c.send("DELETE", "/api/v1/webhooks/"+newID(), large).problem(413)
	s.with("").send("POST", "/player/open", large).problem(413)

	r, err := http.NewRequestWithContext(t.Context(), "POST", s.base+"/api/v1/imports", struct{ *strings.Reader }{strings.NewReader(large)})
	require.NoError(t, err)
	r.ContentLength = -1 // chunked: the size shows only while it is read
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	s.do(r).problem(413)
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	for _, path := range []string{"/api/v1/nothing", "/api/v1/", "/content/x", "/player/open/x"} {
		got := c.send("GET", path, nil)
		require.Equal(t, 404, got.status, path)
	}
	got := c.send("PUT", "/api/v1/courses", nil)
	got.problem(405)
	require.Equal(t, "GET, HEAD", got.header.Get("Allow"))
	got = c.send("OPTIONS", "/api/v1/courses", nil, "Origin", "https://evil.example.org", "Access-Control-Request-Method", "GET")
	got.problem(405)
	for name := range got.header {
		require.NotContains(t, name, "Access-Control", "no other origin is let in")
	}
}

func TestAnswersAreNotForBrowsersToShow(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	for _, path := range []string{"/api/v1/me", "/api/v1/nothing", "/player/session"} {
		h := c.send("GET", path, nil).header
		require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		require.Equal(t, "default-src 'none'; frame-ancestors 'none'", h.Get("Content-Security-Policy"), path)
		require.Equal(t, "no-store", h.Get("Cache-Control"), path)
	}
}

// broken is a store in which something is wrong that nobody has thought of.
type broken struct{ objectstore.Port }

func (broken) Stat(context.Context, string) (objectstore.Info, error) {
	return objectstore.Info{}, &net.OpError{Op: "dial", Err: net.UnknownNetworkError("bucket-of-acme.internal")}
}
func (broken) PresignPut(context.Context, string, int64, string, time.Duration) (objectstore.Presigned, bool, error) {
	panic("jane@example.org")
}

func TestWhatGoesWrongInsideStaysInside(t *testing.T) {
	s := newService(t, func(e *engine) { e.Store = broken{e.Store} })
	c := s.tenant()
	p, _ := c.send("POST", "/api/v1/imports", map[string]any{"fileName": "a.zip", "size": 1}).problem(500)
	require.NotContains(t, p.Detail, "jane")
	require.Contains(t, s.log.String(), "request panicked")

	imports := c.items("/api/v1/imports")
	got := c.send("POST", "/api/v1/imports/"+imports[0]["id"].(string)+"/complete", nil)
	got.problem(500)
	require.NotContains(t, got.text, "acme")
	require.Contains(t, s.log.String(), "bucket-of-acme.internal")
	require.Contains(t, s.log.String(), got.header.Get(httpapi.RequestIDHeader))
}

func TestARepeatedRequestIsDoneOnce(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	body := map[string]any{"fileName": "x.zip", "size": 1}
	first := c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k1").is(201)
	again := c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k1").is(201)
	require.Equal(t, first.text, again.text)
	require.Equal(t, first.header.Get("Location"), again.header.Get("Location"))
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Empty(t, first.header.Get("Idempotency-Replayed"))
	require.Len(t, c.items("/api/v1/imports"), 1)

	c.send("POST", "/api/v1/imports", map[string]any{"fileName": "y.zip", "size": 1}, "Idempotency-Key", "k1").problem(422)
	c.send("POST", "/api/v1/webhooks", body, "Idempotency-Key", "k1").problem(422)
	c.send("POST", "/api/v1/imports", body, "Idempotency-Key", strings.Repeat("k", 256)).problem(400)
	c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k k").problem(400)

	// What was refused may be sent again.
	refused := map[string]any{"courseId": newID(), "learner": map[string]string{"id": "a", "name": ""}}
	c.send("POST", "/api/v1/registrations", refused, "Idempotency-Key", "k2").problem(404)
	got := c.send("POST", "/api/v1/registrations", refused, "Idempotency-Key", "k2")
	got.problem(404)
	require.Empty(t, got.header.Get("Idempotency-Replayed"))
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	refused["courseId"] = in.course
	c.send("POST", "/api/v1/registrations", refused, "Idempotency-Key", "k2").is(201)
}

// Where the answer cannot be kept, what a request did is undone with its key, and it can be made again.
func TestWhatARequestDidIsUndoneWithItsKey(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	conn, err := s.db.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	exec := func(sql string) {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	exec(`CREATE OR REPLACE FUNCTION refuse_answers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$`)
	exec(`CREATE TRIGGER refuse_answers BEFORE UPDATE ON idempotency_keys FOR EACH ROW WHEN (NEW.tenant_id = '` + c.tenant + `') EXECUTE FUNCTION refuse_answers()`)
	body := map[string]any{"fileName": "x.zip", "size": 1}
	p, _ := c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k").problem(503)
	require.Contains(t, p.Detail, "no room")
	require.Empty(t, c.items("/api/v1/imports"))
	require.Empty(t, c.items("/api/v1/courses"))
	exec(`DROP TRIGGER refuse_answers ON idempotency_keys`)
	c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k").is(201)
	require.Len(t, c.items("/api/v1/imports"), 1)
}

// slow is a store that answers when it is told to.
type slow struct {
	objectstore.Port
	begun, go_ chan struct{}
}

func (s slow) PresignPut(ctx context.Context, key string, size int64, kind string, life time.Duration) (objectstore.Presigned, bool, error) {
	s.begun <- struct{}{}
	<-s.go_
	return s.Port.PresignPut(ctx, key, size, kind, life)
}

func TestARequestThatIsStillUnderWayIsNotDoneTwice(t *testing.T) {
	store := slow{begun: make(chan struct{}, 1), go_: make(chan struct{})}
	s := newService(t, func(e *engine) { store.Port = e.Store; e.Store = store })
	c := s.tenant()
	body := map[string]any{"fileName": "x.zip", "size": 1}
	var first sync.WaitGroup
	first.Go(func() { c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k").is(201) })
	<-store.begun
	got := c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k")
	got.problem(409)
	require.Equal(t, "1", got.header.Get("Retry-After"))
	close(store.go_)
	first.Wait()
	require.Equal(t, "true", c.send("POST", "/api/v1/imports", body, "Idempotency-Key", "k").is(201).header.Get("Idempotency-Replayed"))
}

func TestAFreshKeyHasNoFreshRequests(t *testing.T) {
	s := newService(t, limits(func(l *limit) { l.RequestsPerMinute, l.TenantRequestsPerMinute = 3, 5 }))
	c, other := s.tenant(), s.tenant()
	untilNextMinute(s)
	answered := map[int]int{}
	for range 3 {
		k := s.key(c.tenant)
		for range 3 {
			answered[k.send("GET", "/api/v1/me", nil).status]++
		}
	}
	require.Equal(t, map[int]int{200: 5, 429: 4}, answered)
	p, _ := s.key(c.tenant).send("GET", "/api/v1/me", nil).problem(429)
	require.Contains(t, p.Detail, "the tenant has made its 5 requests")
	other.send("GET", "/api/v1/me", nil).is(200)
}

// untilNextMinute puts the service's clock at the beginning of a minute.
func untilNextMinute(s *service) {
	now := time.Now()
	s.forward(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
}

func TestAKeyHasItsRequestsOfAMinute(t *testing.T) {
	s := newService(t, limits(func(l *limit) { l.RequestsPerMinute = 3 }))
	s.skew.Store(int64(time.Until(time.Now().Truncate(time.Minute).Add(2*time.Minute + time.Second)))) // at the beginning of a minute
	c := s.tenant()
	for left := 2; left >= 0; left-- {
		h := c.send("GET", "/api/v1/me", nil).is(200).header
		require.Equal(t, `"key";q=3;w=60, "tenant";q=9;w=60`, h.Get("RateLimit-Policy"))
		require.Regexp(t, fmt.Sprintf(`^"key";r=%d;t=\d+, "tenant";r=%d;t=\d+$`, left, left+6), h.Get("RateLimit"))
	}
	got := c.send("GET", "/api/v1/me", nil)
	p, _ := got.problem(429)
	require.Contains(t, p.Detail, "3 requests")
	require.Regexp(t, `^[1-9]\d?$`, got.header.Get("Retry-After"))
	other := s.key(c.tenant)
	other.send("GET", "/api/v1/me", nil).is(200)

	s.cache.away.Store(true)
	c.send("GET", "/api/v1/me", nil).is(200) // a cache that is away stops nobody
	require.Contains(t, s.log.String(), "requests are not counted")
	s.cache.away.Store(false)
	s.forward(time.Minute)
	c.send("GET", "/api/v1/me", nil).is(200)
}

func TestMetricsSeeRoutesAndNoPaths(t *testing.T) {
	type seen struct {
		route, method string
		status        int
	}
	var all []seen
	mux := http.NewServeMux()
	mux.HandleFunc("GET /learners/{id}", func(http.ResponseWriter, *http.Request) {})
	server := httpapi.NewServer(mux, discard(), func(route, method string, status int, seconds float64) {
		require.GreaterOrEqual(t, seconds, 0.0)
		all = append(all, seen{route, method, status})
	})
	for _, r := range [][2]string{{"GET", "/learners/jane"}, {"POST", "/learners/jane"}, {"BREW", "/jane"}} {
		serve(server.Handler, r[0], r[1])
	}
	require.Equal(t, []seen{{"/learners/{id}", "GET", 200}, {"unknown", "POST", 405}, {"unknown", "other", 404}}, all)
}
