package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
)

func TestSmoke(t *testing.T) {
	l := sharedStore(t).learner()
	x := l.opened()
	require.Equal(t, attempt.Applied, l.commit(l.says(x, 1, attempt.CompletionIncomplete, .1)))
	require.Equal(t, attempt.Duplicate, l.commit(l.says(x, 1, attempt.CompletionIncomplete, .1)))
}
