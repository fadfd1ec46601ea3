package httpapi

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMemoForgets(t *testing.T) {
	now := time.Unix(1000, 0)
	m := newMemo[int](time.Minute, 3)
	m.put("a", 1, now)
	v, ok := m.get("a", now.Add(59*time.Second))
	require.True(t, ok)
	require.Equal(t, 1, v)
	_, ok = m.get("a", now.Add(time.Minute))
	require.False(t, ok, "it is too old")
	m.put("b", 2, now)
	m.drop("b")
	_, ok = m.get("b", now)
	require.False(t, ok, "it was dropped")

	for n := range 100 {
		m.put(strconv.Itoa(n), n, now)
		require.LessOrEqual(t, len(m.kept), 3)
		v, ok = m.get(strconv.Itoa(n), now)
		require.True(t, ok)
		require.Equal(t, n, v)
	}
}
