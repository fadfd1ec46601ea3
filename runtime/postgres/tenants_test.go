package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

func TestTenants(t *testing.T) {
	s := sharedStore(t)
	x := tenant.Tenant{ID: "acme-" + id(), Name: "Acme", CreatedAt: now()}
	require.NoError(t, s.CreateTenant(s.ctx, x))
	require.Equal(t, fault.Conflict, fault.CodeOf(s.CreateTenant(s.ctx, x)))
	list, err := s.Tenants(s.ctx)
	require.NoError(t, err)
	require.Contains(t, list, x)
}

func TestAnOnlyTenantIsAlone(t *testing.T) {
	s := newStore(t)
	var wg sync.WaitGroup
	made := make(chan error, 8)
	for i := range cap(made) {
		wg.Go(func() {
			made <- s.CreateOnlyTenant(s.ctx, tenant.Tenant{ID: fmt.Sprintf("t-%d", i), Name: "One", CreatedAt: now()})
		})
	}
	wg.Wait()
	close(made)
	refused := 0
	for err := range made {
		if err != nil {
			require.Equal(t, fault.Conflict, fault.CodeOf(err), "%v", err)
			require.ErrorContains(t, err, "playerUrl")
			refused++
		}
	}
	require.Equal(t, cap(made)-1, refused, "also of those who try at once")
	all, err := s.Tenants(s.ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestAKeyIsFoundByItsHashUntilItIsRevokedOrExpires(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	k := tenant.Key{ID: id(), TenantID: tenantID, Name: "LMS", Scopes: []tenant.Scope{tenant.ScopeRead, tenant.ScopeWrite}, CreatedAt: now(), ExpiresAt: new(now().Add(time.Hour))}
	hash := []byte("a hash")
	require.NoError(t, s.CreateKey(s.ctx, k, hash))
	require.Equal(t, fault.NotFound, fault.CodeOf(s.CreateKey(s.ctx, tenant.Key{ID: id(), TenantID: "nobody", CreatedAt: now()}, hash)))

	got, err := s.KeyByHash(s.ctx, k.ID, hash)
	require.NoError(t, err)
	require.Equal(t, k, got)
	refused := func(keyID string, hash []byte) {
		t.Helper()
		_, err := s.KeyByHash(s.ctx, keyID, hash)
		require.Equal(t, fault.Unauthorized, fault.CodeOf(err), "%v", err)
	}
	refused(k.ID, []byte("another hash"))
	refused(noID, hash)
	refused("no id", hash)

	at := now()
	require.NoError(t, s.TouchKey(s.ctx, tenantID, k.ID, at))
	require.NoError(t, s.TouchKey(s.ctx, tenantID, k.ID, at.Add(-time.Hour)))
	list, err := s.Keys(s.ctx, tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, at, *list.Items[0].LastUsedAt)

	require.NoError(t, s.RevokeKey(s.ctx, tenantID, k.ID, at))
	require.NoError(t, s.RevokeKey(s.ctx, tenantID, k.ID, at.Add(time.Hour)))
	refused(k.ID, hash)
	list, err = s.Keys(s.ctx, tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, at, *list.Items[0].RevokedAt)

	expired := tenant.Key{ID: id(), TenantID: tenantID, CreatedAt: now(), Scopes: []tenant.Scope{}, ExpiresAt: new(now().Add(-time.Second))}
	require.NoError(t, s.CreateKey(s.ctx, expired, hash))
	refused(expired.ID, hash)
}
