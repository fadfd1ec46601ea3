package worker_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

const other = "other"

// queueImport uploads a package for a tenant, and rings the bell.
func (e *engine) queueImport(q queue.Port, tenantID, courseID string, data []byte) string {
	e.t.Helper()
	ctx, id := e.t.Context(), newID()
	i := content.Import{ID: id, TenantID: tenantID, CourseID: courseID, FileName: "x.zip", State: content.ImportWaiting, CreatedAt: time.Now()}
	require.NoError(e.t, e.db.CreateImport(ctx, i))
	require.NoError(e.t, e.store.Put(ctx, content.UploadKey(tenantID, id), bytes.NewReader(data), int64(len(data)), "application/zip"))
	require.NoError(e.t, e.db.QueueImport(ctx, tenantID, id))
	require.NoError(e.t, worker.Send(ctx, q, worker.Message{Kind: worker.KindImport, TenantID: tenantID, ID: id}))
	return id
}

func (e *engine) secondTenant() (courseID string) {
	e.t.Helper()
	require.NoError(e.t, e.db.CreateTenant(e.t.Context(), tenant.Tenant{ID: other, Name: "Other", CreatedAt: time.Now()}))
	courseID = newID()
	require.NoError(e.t, e.db.CreateCourse(e.t.Context(), content.Course{ID: courseID, TenantID: other, CreatedAt: time.Now()}))
	return courseID
}

// p95 measures something some times, and returns what 95 in a hundred of them stay below.
func p95(times int, once func()) time.Duration {
	var took []time.Duration
	for range times {
		begun := time.Now()
		once()
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}

// One tenant uploads twenty large packages, more than messages are taken at once. Another's small ones go on as if it were alone.
func testOneTenantsImportsLeaveAnothersPlace(t *testing.T, e *engine) {
	q := queue.NewEmbedded(queue.EmbeddedOptions{})
	courseID := e.secondTenant()
	ctx, stop := context.WithCancel(t.Context())
	loop := &worker.Loop{Queue: q, Handlers: map[string]worker.Handler{worker.KindImport: e.importer(e.store).Handle}, Log: quiet()}
	done := make(chan struct{})
	go func() { loop.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()

	small := course(t, "", 20)
	one := func() {
		id := e.queueImport(q, other, courseID, small)
		require.Eventually(t, func() bool {
			i, err := e.db.Import(ctx, other, id)
			return err == nil && i.State == content.ImportSucceeded
		}, time.Minute, 5*time.Millisecond)
	}
	alone := p95(20, one)
	large := course(t, "", 1500)
	var flood []string
	for range 20 {
		flood = append(flood, e.queueImport(q, acme, e.course, large))
	}
	beside := p95(20, one)
	running := 0
	for _, id := range flood {
		i, err := e.db.Import(ctx, acme, id)
		require.NoError(t, err)
		if i.State != content.ImportSucceeded {
			running++
		}
	}
	require.Positive(t, running, "the flood was over before the end")
	t.Logf("95 %% of the imports within %s alone, within %s beside 20 of 1,500 files", alone, beside)
	require.Less(t, beside, 2*alone+patience)
}

// patience is for a machine that is short of processors, where whatever runs beside something slows it down: without turns it is a matter of tens of seconds.
const patience = time.Second

// One tenant has 150 webhooks to a receiver that takes connections and says nothing. Another's deliveries go on as if it were alone.
func testOneTenantsWebhooksLeaveAnothersPlace(t *testing.T, e *engine) {
	e.secondTenant()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	came := make(chan struct{}, 100)
	well := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came <- struct{}{} }))
	defer well.Close()
	hook := func(tenantID, url string) postgres.Webhook {
		w := postgres.Webhook{ID: newID(), TenantID: tenantID, URL: url, Events: []string{}, Secret: 3, Active: true, CreatedAt: time.Now()}
		require.NoError(t, e.db.CreateWebhook(t.Context(), w))
		return w
	}
	good := hook(other, well.URL)
	ctx, stop := context.WithCancel(t.Context())
	d := &worker.Deliverer{DB: e.db, AllowPlain: true, Timeout: 2 * time.Second, Every: 20 * time.Millisecond, Log: quiet(), Secret: func(string, int) []byte { return nil }}
	done := make(chan struct{})
	go func() { d.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	one := func() {
		_, err := e.db.PingWebhook(ctx, other, good.ID, time.Now())
		require.NoError(t, err)
		select {
		case <-came:
		case <-time.After(time.Minute):
			require.Fail(t, "nothing was delivered")
		}
	}
	alone := p95(20, one)
	for n := range 150 {
		w := hook(acme, fmt.Sprintf("http://%s/%d", silent.Addr(), n))
		for range 3 {
			_, err := e.db.PingWebhook(ctx, acme, w.ID, time.Now())
			require.NoError(t, err)
		}
	}
	beside := p95(20, one)
	t.Logf("95 %% of the deliveries within %s alone, within %s beside 150 webhooks to a silent receiver", alone, beside)
	require.Less(t, beside, 2*alone+patience)
}

// A webhook that fails five times in a row is left alone; then one delivery tries it, and a success brings all the others.
func testAWebhookThatFailsIsLeftAlone(t *testing.T, e *engine) {
	w := postgres.Webhook{ID: newID(), TenantID: acme, URL: "http://192.0.2.1/", Events: []string{}, Secret: 3, Active: true, CreatedAt: time.Now()}
	require.NoError(t, e.db.CreateWebhook(t.Context(), w))
	at := time.Now()
	for range 12 {
		_, err := e.db.PingWebhook(t.Context(), acme, w.ID, at)
		require.NoError(t, err)
	}
	claim := func(at time.Time) []postgres.Delivery {
		list, err := e.db.ClaimDeliveries(t.Context(), at, time.Minute, postgres.DeliveryShare{Limit: 100, Most: 100})
		require.NoError(t, err)
		return list
	}
	share, err := e.db.ClaimDeliveries(t.Context(), time.Now(), time.Minute, postgres.DeliveryShare{Limit: 100, Most: 8, Running: map[string]int{acme: 3}})
	require.NoError(t, err)
	require.Len(t, share, 5, "as many as its share has room for")
	for _, d := range share {
		next := time.Now().Add(10 * time.Second)
		require.NoError(t, e.db.SettleDelivery(t.Context(), d, 0, "no answer in time", &next))
	}
	require.Empty(t, claim(time.Now()), "the other seven are put off")
	trial := claim(time.Now().Add(70 * time.Second))
	require.Len(t, trial, 1, "one on trial")
	require.Empty(t, claim(time.Now().Add(71*time.Second)), "and no other meanwhile")
	require.NoError(t, e.db.SettleDelivery(t.Context(), trial[0], 204, "", nil))
	all := claim(time.Now().Add(72 * time.Second))
	require.Len(t, all, 11)

	w.Active = false
	require.NoError(t, e.db.UpdateWebhook(t.Context(), w))
	list, err := e.db.Deliveries(t.Context(), acme, w.ID, postgres.Page{Limit: 100})
	require.NoError(t, err)
	for _, d := range list.Items {
		require.Nil(t, d.NextAt)
		if d.DeliveredAt == nil {
			require.Equal(t, "the webhook was deactivated", d.LastError)
		}
	}
	late := time.Now().Add(time.Minute)
	require.NoError(t, e.db.SettleDelivery(t.Context(), all[0], 500, "the answer was HTTP 500", &late), "one that was under way")
	w.Active = true
	require.NoError(t, e.db.UpdateWebhook(t.Context(), w))
	require.Empty(t, claim(time.Now().Add(time.Hour)), "what has ended does not come back")
}
