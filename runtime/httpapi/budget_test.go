package httpapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheBudgetAlwaysHasRoomForOneMore(t *testing.T) {
	b := newBudget(100)
	hold := func(caller string, bytes int64) int {
		n := 0
		for { // what is not granted at once is not granted while nobody lets go
			c := &claim{caller: caller, bytes: bytes, granted: make(chan struct{})}
			b.mu.Lock()
			ok := b.grant(c)
			b.mu.Unlock()
			if !ok {
				return n
			}
			n++
		}
	}
	require.Equal(t, 10, hold("greedy", 5), "half of it")
	require.Equal(t, 5, hold("second", 5), "half of the rest")
	require.Positive(t, hold("third", 5))
	require.Zero(t, hold("greedy", 1))
	_, ok := b.take(context.Background(), "honest", 10)
	require.True(t, ok)
}

func TestTheBudgetIsKeptAndGivenBackWhole(t *testing.T) {
	const total = 1000
	b := newBudget(total)
	var wg sync.WaitGroup
	var granted sync.Map
	for caller := range 8 {
		for worker := range 8 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(caller), uint64(worker)))
				for range 200 {
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.IntN(2000))*time.Microsecond)
					if release, ok := b.take(ctx, fmt.Sprint(caller), 1+r.Int64N(200)); ok {
						granted.Store(caller, true)
						b.mu.Lock()
						if b.left < 0 {
							t.Errorf("%d bytes are left", b.left)
						}
						b.mu.Unlock()
						time.Sleep(time.Duration(r.IntN(200)) * time.Microsecond)
						release()
					}
					cancel()
				}
			})
		}
	}
	wg.Wait()
	require.EqualValues(t, total, b.left)
	require.Empty(t, b.held)
	require.Zero(t, b.waiting.Len())
	for caller := range 8 {
		_, ok := granted.Load(caller)
		require.True(t, ok, "caller %d never had its turn", caller)
	}
}
