package postgres_test

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/postgres"
)

func TestAKeyIsClaimedOnceAndItsAnswerRemembered(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	var wg sync.WaitGroup
	var claims atomic.Int32
	for range 10 {
		wg.Go(func() {
			r, claimed, err := s.Remember(s.ctx, tenantID, "key", []byte("fingerprint"))
			if err != nil || !claimed && (r.Status != 0 || string(r.Fingerprint) != "fingerprint") {
				t.Errorf("%+v %v", r, err)
			}
			if claimed {
				claims.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, claims.Load())

	want := postgres.Remembered{Fingerprint: []byte("fingerprint"), Status: 201, Header: json.RawMessage(`{"Location":["/x"]}`), Body: []byte{0, 1, 255}}
	require.NoError(t, s.CompleteRemembered(s.ctx, tenantID, "key", want))
	require.NoError(t, s.ForgetRemembered(s.ctx, tenantID, "key"), "has no effect on an answer")
	got, claimed, err := s.Remember(s.ctx, tenantID, "key", []byte("another"))
	require.NoError(t, err)
	require.False(t, claimed)
	require.Equal(t, want, got)
}

func TestAKeyWhoseRequestFailedIsFree(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	for range 2 {
		_, claimed, err := s.Remember(s.ctx, tenantID, "key", []byte("f"))
		require.NoError(t, err)
		require.True(t, claimed)
		require.NoError(t, s.ForgetRemembered(s.ctx, tenantID, "key"))
	}
}

func TestAKeyWhoseRequestWasAbandonedIsFree(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	_, claimed, err := s.Remember(s.ctx, tenantID, "key", []byte("f"))
	require.NoError(t, err)
	require.True(t, claimed)
	s.server.Exec("UPDATE idempotency_keys SET claimed_at = now() - interval '3 minutes' WHERE tenant_id = '" + tenantID + "'")
	_, claimed, err = s.Remember(s.ctx, tenantID, "key", []byte("f"))
	require.NoError(t, err)
	require.True(t, claimed)
}
