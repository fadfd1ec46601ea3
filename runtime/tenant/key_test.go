package tenant_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/tenant"
)

func TestAKeyIsReadBackAsItWasMade(t *testing.T) {
	k, text, hash := tenant.NewKey("school", "portal", []tenant.Scope{tenant.ScopeRead}, time.Now(), nil)
	id, got, ok := tenant.ParseKey(text)
	require.True(t, ok)
	require.Equal(t, k.ID, id)
	require.Equal(t, hash, got)
	require.True(t, k.May(tenant.ScopeRead))
	require.False(t, k.May(tenant.ScopeWrite))

	_, other, otherHash := tenant.NewKey("school", "portal", nil, time.Now(), nil)
	require.NotEqual(t, text, other)
	require.False(t, bytes.Equal(hash, otherHash))
}

func TestOnlyKeysAreKeys(t *testing.T) {
	_, text, _ := tenant.NewKey("school", "portal", nil, time.Now(), nil)
	for _, bad := range []string{
		"", "lk_", "Bearer " + text, text[:len(text)-1], text + "0", strings.ToUpper(text), "lk_" + strings.ToUpper(text[3:]),
		strings.Replace(text, "lk_", "lx_", 1), text[:3+32] + "-" + text[3+33:], text[:len(text)-1] + "g", "lk_" + strings.Repeat("x", 32) + text[35:],
	} {
		_, _, ok := tenant.ParseKey(bad)
		require.False(t, ok, bad)
	}
}

func TestTenantsAreNamedByASlug(t *testing.T) {
	for _, good := range []string{"a", "school-7", strings.Repeat("x", 40)} {
		require.True(t, tenant.ValidID(good), good)
	}
	for _, bad := range []string{"", "-a", "a-", "A", "a b", "a/b", "..", "ä", strings.Repeat("x", 41), "a\n"} {
		require.False(t, tenant.ValidID(bad), bad)
	}
}
