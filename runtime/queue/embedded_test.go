package queue_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/queue/queuetest"
)

func TestEmbedded(t *testing.T) {
	queuetest.Run(t, queuetest.Subject{
		Within: synctest.Test,
		Open: func(*testing.T) (queue.Port, func() []string) {
			q := queue.NewEmbedded(queue.EmbeddedOptions{Visibility: queuetest.Visibility, MaxReceives: queuetest.MaxReceives})
			return q, func() (bodies []string) {
				for _, m := range q.DeadLetters() {
					bodies = append(bodies, string(m.Body))
				}
				return bodies
			}
		},
	})
}

func TestAReceiptOfYesterdayDeletesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue.NewEmbedded(queue.EmbeddedOptions{})
		require.NoError(t, q.Send(t.Context(), []byte("work")))
		receive := func() queue.Message {
			found, err := q.Receive(t.Context(), 1, 0)
			require.NoError(t, err)
			require.Len(t, found, 1)
			return found[0]
		}
		first := receive()
		time.Sleep(queue.DefaultVisibility)
		require.ErrorIs(t, q.Extend(t.Context(), first, time.Minute), queue.ErrNotInFlight, "its time is over")
		second := receive()
		require.NoError(t, q.Delete(t.Context(), first))
		require.ErrorIs(t, q.Extend(t.Context(), first, time.Minute), queue.ErrNotInFlight)
		require.NoError(t, q.Extend(t.Context(), second, time.Minute), "it is still there")
	})
}

func TestOldDeadLettersGoFirst(t *testing.T) {
	q := queue.NewEmbedded(queue.EmbeddedOptions{MaxReceives: 1})
	for i := range 1100 {
		require.NoError(t, q.Send(t.Context(), []byte{'0' + byte(i/1000)}))
		found, err := q.Receive(t.Context(), 1, 0)
		require.NoError(t, err)
		require.NoError(t, q.Extend(t.Context(), found[0], 0))
	}
	found, err := q.Receive(t.Context(), 1, 0)
	require.NoError(t, err)
	require.Empty(t, found)
	dead := q.DeadLetters()
	require.Len(t, dead, 1000)
	require.Equal(t, "0", string(dead[899].Body))
	require.Equal(t, "1", string(dead[900].Body))
}
