package worker_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/worker"
)

// receiver is a tenant's system: it checks signatures as the documentation of Sign says, and answers as told.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	events []worker.Event
	errors []string
}

func receive(t *testing.T, secret string) *receiver {
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		body, err := io.ReadAll(req.Body)
		var event worker.Event
		if err != nil || json.Unmarshal(body, &event) != nil {
			r.errors = append(r.errors, "body")
		}
		stamp, signature, _ := strings.Cut(strings.TrimPrefix(req.Header.Get("Lectern-Signature"), "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + string(body)))
		if hex.EncodeToString(mac.Sum(nil)) != signature {
			r.errors = append(r.errors, "signature")
		}
		if req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" || req.Header.Get("Lectern-Event") != event.Type || req.Header.Get("Lectern-Delivery") == "" {
			r.errors = append(r.errors, "header")
		}
		if req.URL.Path == "/elsewhere" {
			r.errors = append(r.errors, "followed a redirect")
		}
		r.events = append(r.events, event)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) seen() ([]worker.Event, []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events, r.errors
}

// webhook subscribes an address.
func (e *engine) webhook(address string) postgres.Webhook {
	e.t.Helper()
	w := postgres.Webhook{ID: newID(), TenantID: acme, URL: address, Events: []string{}, Secret: 3, Active: true, CreatedAt: time.Now()}
	require.NoError(e.t, e.db.CreateWebhook(e.t.Context(), w))
	return w
}

// event is the end of an import, a refused one.
func (e *engine) event() (importID string) {
	e.t.Helper()
	id := e.uploadBytes("x.zip", []byte("no zip"))
	require.NoError(e.t, e.importer(e.store).Import(e.t.Context(), acme, id))
	return id
}

// deliver runs a deliverer until the webhook's one delivery was tried so often.
func (e *engine) deliver(plain bool, w postgres.Webhook, attempts int) postgres.Delivery {
	e.t.Helper()
	d := &worker.Deliverer{DB: e.db, AllowPlain: plain, Timeout: 2 * time.Second, Every: 20 * time.Millisecond, Log: quiet(),
		Secret: func(id string, version int) []byte {
			require.Equal(e.t, 3, version)
			return []byte("secret of " + id)
		}}
	ctx, stop := context.WithCancel(e.t.Context())
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	var found postgres.Delivery
	require.Eventually(e.t, func() bool {
		list, err := e.db.Deliveries(e.t.Context(), acme, w.ID, postgres.Page{Limit: 10})
		require.NoError(e.t, err)
		if len(list.Items) == 0 {
			return false
		}
		require.Len(e.t, list.Items, 1)
		found = list.Items[0]
		return found.Attempts == attempts
	}, 20*time.Second, 20*time.Millisecond)
	return found
}

func testEventsAreDeliveredSignedAndAgainAfterAFailure(t *testing.T, e *engine) {
	w := postgres.Webhook{ID: newID(), TenantID: acme, Events: []string{}, Secret: 3, Active: true, CreatedAt: time.Now()}
	r := receive(t, "secret of "+w.ID)
	w.URL = r.URL + "/hook?token=hunter2"
	require.NoError(t, e.db.CreateWebhook(t.Context(), w))
	id := e.event()

	r.answer(http.StatusInternalServerError)
	d := e.deliver(true, w, 1)
	require.Equal(t, 500, d.LastStatus)
	require.Contains(t, d.LastError, "HTTP 500")
	require.NotNil(t, d.NextAt)
	require.WithinDuration(t, time.Now().Add(10*time.Second), *d.NextAt, 5*time.Second)

	due := func() { e.exec("UPDATE deliveries SET next_at = now() WHERE next_at IS NOT NULL") }
	r.answer(http.StatusFound)
	due()
	d = e.deliver(true, w, 2)
	require.Equal(t, 302, d.LastStatus)
	require.Contains(t, d.LastError, "redirects are not followed")

	r.answer(http.StatusNoContent)
	due()
	d = e.deliver(true, w, 3)
	require.Nil(t, d.NextAt)
	require.NotNil(t, d.DeliveredAt)
	events, errors := r.seen()
	require.Empty(t, errors)
	require.Len(t, events, 3)
	require.Equal(t, events[0], events[2], "the same event each time")
	require.Equal(t, postgres.EventImportFinished, events[0].Type)
	require.Equal(t, acme, events[0].Tenant)
	require.Equal(t, d.EventID, events[0].ID)
	require.JSONEq(t, `{"importId":"`+id+`","courseId":"`+e.course+`"}`, string(events[0].Data))
}

func testDeliveriesThatAreGivenUp(t *testing.T, e *engine) {
	r := receive(t, "")
	r.answer(http.StatusGone)
	gone := e.webhook(r.URL)
	e.event()
	d := e.deliver(true, gone, 1)
	require.Nil(t, d.NextAt, "it says that it is gone")
	require.Nil(t, d.DeliveredAt)
}

func testNothingIsSentIntoTheServicesOwnNetwork(t *testing.T, e *engine) {
	asked := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	w := e.webhook("https://localhost:" + port + "/") // a name, so only the address that is connected to tells
	e.event()
	d := e.deliver(false, w, 1)
	require.Equal(t, "the host's address is not on the public internet", d.LastError)
	require.NotNil(t, d.NextAt, "names change")
	require.False(t, asked)
	require.NoError(t, e.db.DeleteWebhook(t.Context(), acme, w.ID))

	plain := e.webhook("http://hooks.example.com/")
	e.event()
	d = e.deliver(false, plain, 1)
	require.Contains(t, d.LastError, "https")
	require.Nil(t, d.NextAt)
}

func testWhatAFailedConnectionSays(t *testing.T, e *engine) {
	server := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is from nobody
	defer server.Close()
	for _, c := range []struct{ address, says string }{
		{server.URL + "/?token=hunter2", "the certificate is not valid: "},
		{strings.Replace(server.URL, "https", "http", 1), "the answer was HTTP 400"},
		{"http://127.0.0.1:1/", "the connection was refused or broken"},
		{"https://nowhere.invalid/", "the host's name could not be resolved"},
	} {
		w := e.webhook(c.address)
		e.event()
		d := e.deliver(true, w, 1)
		require.Contains(t, d.LastError, c.says)
		require.NotContains(t, d.LastError, "hunter2")
		require.NoError(t, e.db.DeleteWebhook(t.Context(), acme, w.ID))
	}
}
