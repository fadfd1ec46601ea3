package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

func TestTenantsTakeTurnsAtImports(t *testing.T) {
	audited := sharedStore(t).seen
	s := newStoreOn(t, pgtest.Start(t), func(o *postgres.Options) { o.Tracer = audited })
	var tenants []string
	for range 3 {
		tenants = append(tenants, s.tenant())
	}
	many, few, none := tenants[0], tenants[1], tenants[2]
	for tenantID, n := range map[string]int{many: 4, few: 2} {
		c := s.course(tenantID)
		for range n {
			i := content.Import{ID: id(), TenantID: tenantID, CourseID: c.ID, FileName: "x.zip", CreatedAt: now()}
			require.NoError(t, s.CreateImport(s.ctx, i))
			require.NoError(t, s.QueueImport(s.ctx, tenantID, i.ID))
			waits, err := s.ImportWaits(s.ctx, tenantID, i.ID)
			require.NoError(t, err)
			require.True(t, waits)
		}
	}
	next := func(except ...string) string {
		i, token, ok, err := s.LeaseNextImport(s.ctx, except, time.Minute)
		require.NoError(t, err)
		require.Equal(t, ok, i.ID != "")
		if ok {
			require.EqualValues(t, 1, token)
			waits, err := s.ImportWaits(s.ctx, i.TenantID, i.ID)
			require.NoError(t, err)
			require.False(t, waits)
		}
		return i.TenantID
	}
	require.ElementsMatch(t, []string{many, few}, []string{next(), next()}, "one each")
	require.ElementsMatch(t, []string{many, few}, []string{next(), next()}, "and again")
	require.Empty(t, next(many), "few has no more")
	require.Equal(t, many, next(few, none))
	require.Equal(t, many, next())
	require.Empty(t, next())
}

func TestDeliveriesThatNeverHadTheirTurnEnd(t *testing.T) {
	audited := sharedStore(t).seen
	s := newStoreOn(t, pgtest.Start(t), func(o *postgres.Options) { o.Tracer = audited })
	tenantID := s.tenant()
	w := s.webhook(tenantID)
	_, err := s.PingWebhook(s.ctx, tenantID, w.ID, now())
	require.NoError(t, err)
	n, err := s.EndDeliveries(s.ctx, now().Add(-time.Hour), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = s.EndDeliveries(s.ctx, now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	list, err := s.Deliveries(s.ctx, tenantID, w.ID, postgres.Page{})
	require.NoError(t, err)
	require.Nil(t, list.Items[0].NextAt)
	require.Contains(t, list.Items[0].LastError, "in time")
}
