package postgres_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
)

// remember is a request with a key that has been answered.
func (s *store) remember(tenantID, key, fingerprint string) {
	s.t.Helper()
	c, _, err := s.Claim(s.ctx, tenantID, key, []byte(fingerprint))
	require.NoError(s.t, err)
	require.NotNil(s.t, c)
	require.NoError(s.t, c.Complete(s.ctx, postgres.Remembered{Fingerprint: []byte(fingerprint), Status: 200}))
}

func TestAKeyIsClaimedOnceAndItsAnswerRemembered(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	var wg sync.WaitGroup
	var mine atomic.Pointer[postgres.Claim]
	for range 5 {
		wg.Go(func() {
			c, first, err := s.Claim(s.ctx, tenantID, "key", []byte("fingerprint"))
			if err != nil || c == nil && first.Status != 0 || c != nil && !mine.CompareAndSwap(nil, c) {
				t.Errorf("%+v %v", first, err)
			}
		})
	}
	wg.Wait()
	want := postgres.Remembered{Fingerprint: []byte("fingerprint"), Status: 201, Header: json.RawMessage(`{"Location":["/x"]}`), Body: []byte{0, 1, 255}}
	require.NoError(t, mine.Load().Complete(s.ctx, want))
	mine.Load().Abandon() // has no effect any more
	c, got, err := s.Claim(s.ctx, tenantID, "key", []byte("another"))
	require.NoError(t, err)
	require.Nil(t, c)
	require.Equal(t, want, got)
}

// What a request wrote is there when its answer is, and not before; what failed in it is undone alone, and all of it if it is abandoned.
func TestAClaimCommitsWithItsEffect(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	there := func(ctx context.Context, c content.Course) bool {
		_, err := s.Course(ctx, tenantID, c.ID)
		if err != nil {
			require.Equal(t, fault.NotFound, fault.CodeOf(err))
		}
		return err == nil
	}
	for name, end := range map[string]struct {
		how  func(*postgres.Claim)
		kept bool
	}{
		"complete":  {func(c *postgres.Claim) { require.NoError(t, c.Complete(s.ctx, postgres.Remembered{Status: 201})) }, true},
		"abandoned": {(*postgres.Claim).Abandon, false},
		"the instance died": {func(c *postgres.Claim) {
			s.server.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
			c.Abandon()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			claim, _, err := s.Claim(s.ctx, tenantID, name, []byte("f"))
			require.NoError(t, err)
			ctx := claim.Context(s.ctx)
			c := content.Course{ID: id(), TenantID: tenantID, CreatedAt: now()}
			told := false
			require.NoError(t, s.CreateCourse(ctx, c))
			postgres.Afterwards(ctx, func() { told = true })
			require.Equal(t, fault.Invalid, fault.CodeOf(s.UpdateCourse(ctx, content.Course{ID: c.ID, TenantID: tenantID, Title: "a\x00"})))
			require.True(t, there(ctx, c), "it goes on after a step that failed, and sees what it wrote")
			require.False(t, there(s.ctx, c), "nobody else does")
			require.False(t, told)
			end.how(claim)
			require.Equal(t, end.kept, there(s.ctx, c))
			require.Equal(t, end.kept, told)
			again, first, err := s.Claim(s.ctx, tenantID, name, []byte("f"))
			require.NoError(t, err)
			if end.kept {
				require.Equal(t, 201, first.Status)
			} else {
				require.NotNil(t, again, "the key is free at once")
				again.Abandon()
			}
		})
	}
}

func TestAKeyThatTheReleaseBeforeAbandonedIsFree(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	s.remember(tenantID, "key", "f")
	for age, free := range map[string]bool{"1 minute": false, "3 minutes": true} {
		s.server.Exec("UPDATE idempotency_keys SET status = 0, claimed_at = now() - interval '" + age + "' WHERE tenant_id = '" + tenantID + "'")
		c, first, err := s.Claim(s.ctx, tenantID, "key", []byte("f"))
		require.NoError(t, err)
		require.Equal(t, free, c != nil)
		require.Zero(t, first.Status)
		if c != nil {
			c.Abandon()
		}
	}
}
