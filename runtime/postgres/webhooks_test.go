package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

func (s *store) webhook(tenantID string, events ...string) postgres.Webhook {
	s.t.Helper()
	w := postgres.Webhook{ID: id(), TenantID: tenantID, URL: "https://lms.example/hook", Events: append([]string{}, events...), Secret: 1, Active: true, CreatedAt: now()}
	require.NoError(s.t, s.CreateWebhook(s.ctx, w))
	return w
}

func (s *store) expand() {
	s.t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = s.ExpandEvents(s.ctx, 50)
		require.NoError(s.t, err)
	}
}

// claim claims what is due of one tenant, and as a by-product of all others.
func (s *store) claim(tenantID string, at time.Time) []postgres.Delivery {
	s.t.Helper()
	list, err := s.ClaimDeliveries(s.ctx, at, time.Minute, postgres.DeliveryShare{Limit: 1000, Most: 1000})
	require.NoError(s.t, err)
	var own []postgres.Delivery
	for _, d := range list {
		if d.TenantID == tenantID {
			own = append(own, d)
		}
	}
	return own
}

func TestWebhooksAreKept(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	w := s.webhook(tenantID, postgres.EventImportFinished)
	got, err := s.Webhook(s.ctx, tenantID, w.ID)
	require.NoError(t, err)
	require.Equal(t, w, got)
	w.URL, w.Events, w.Secret, w.Active = "https://lms.example/other", []string{}, 2, false
	require.NoError(t, s.UpdateWebhook(s.ctx, w))
	list, err := s.Webhooks(s.ctx, tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, []postgres.Webhook{w}, list.Items)
	require.NoError(t, s.DeleteWebhook(s.ctx, tenantID, w.ID))
	require.Equal(t, fault.NotFound, fault.CodeOf(s.DeleteWebhook(s.ctx, tenantID, w.ID)))
	require.Equal(t, fault.NotFound, fault.CodeOf(s.UpdateWebhook(s.ctx, w)))
}

func TestAnEventIsDeliveredToEachWebhookThatWantsIt(t *testing.T) {
	s := sharedStore(t)
	tenantID, other := s.tenant(), s.tenant()
	all, imports := s.webhook(tenantID), s.webhook(tenantID, postgres.EventImportFinished)
	s.webhook(tenantID, postgres.EventResultChanged)
	inactive := s.webhook(tenantID)
	inactive.Active = false
	require.NoError(t, s.UpdateWebhook(s.ctx, inactive))
	s.webhook(other)
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	s.expand()

	later := now().Add(time.Second)
	due := s.claim(tenantID, later)
	require.Len(t, due, 2)
	require.ElementsMatch(t, []string{all.ID, imports.ID}, []string{due[0].WebhookID, due[1].WebhookID})
	require.Equal(t, postgres.EventImportFinished, due[0].Type)
	require.Contains(t, string(due[0].Data), c.ID)
	require.Empty(t, s.claim(tenantID, later), "they are somebody's")
	again := s.claim(tenantID, later.Add(2*time.Minute))
	require.Len(t, again, 2, "whose lease ended")

	require.NoError(t, s.SettleDelivery(s.ctx, again[1], 0, "no such host", nil))
	list, err := s.Deliveries(s.ctx, tenantID, again[1].WebhookID, postgres.Page{})
	require.NoError(t, err)
	require.Nil(t, list.Items[0].DeliveredAt, "given up")
	retry := later.Add(time.Hour)
	d := again[0]
	require.NoError(t, s.SettleDelivery(s.ctx, d, 503, "the server said 503", &retry))
	require.Equal(t, fault.Conflict, fault.CodeOf(s.SettleDelivery(s.ctx, d, 200, "", nil)), "the one whose lease ended comes back")
	require.Empty(t, s.claim(tenantID, retry.Add(-time.Second)))
	due = s.claim(tenantID, retry)
	require.Len(t, due, 1)
	d = due[0]
	require.Equal(t, again[0].ID, d.ID)
	require.Equal(t, 1, d.Attempts)
	require.Equal(t, 503, d.LastStatus)
	require.Equal(t, "the server said 503", d.LastError)
	require.NoError(t, s.SettleDelivery(s.ctx, d, 204, "", nil))
	list, err = s.Deliveries(s.ctx, tenantID, d.WebhookID, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	require.NotNil(t, list.Items[0].DeliveredAt)
	require.Nil(t, list.Items[0].NextAt)

	require.Empty(t, s.claim(tenantID, retry.Add(24*time.Hour)))
}

func TestOldEventsAndAnswersAreForgotten(t *testing.T) {
	audited := sharedStore(t).seen
	s := newStoreOn(t, pgtest.Start(t), func(o *postgres.Options) { o.Tracer = audited })
	tenantID := s.tenant()
	w := s.webhook(tenantID)
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	s.expand()
	s.remember(tenantID, "key", "f")
	forget := func(after time.Duration) int64 {
		t.Helper()
		n, err := s.Forget(s.ctx, now().Add(after), 100)
		require.NoError(t, err)
		return n
	}
	require.EqualValues(t, 0, forget(0))
	require.EqualValues(t, 1, forget(postgres.KeepEvents+time.Hour), "the answer; the event is still to be delivered")
	d := s.claim(tenantID, now().Add(time.Second))[0]
	require.NoError(t, s.SettleDelivery(s.ctx, d, 200, "", nil))
	require.EqualValues(t, 1, forget(postgres.KeepEvents+time.Hour))
	list, err := s.Deliveries(s.ctx, tenantID, w.ID, postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
}
