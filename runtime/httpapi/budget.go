package httpapi

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// budgetWait is how long a request waits for room for its body before it is told to come again.
const budgetWait = time.Second

// budget bounds the bytes of bodies that the process holds at once, from before they are read until they have been
// dealt with. Nobody may hold more than what is left: one caller gets at most half, two a third each, and there is
// always room for one more. Turns at the database are shared out in the same way: see share.
type budget struct {
	mu      sync.Mutex
	left    int64
	held    map[string]int64 // by caller; those that hold something
	waiting list.List        // of *claim, oldest first
}

type claim struct {
	caller  string
	bytes   int64
	granted chan struct{} // closed when it is
}

func newBudget(bytes int64) *budget { return &budget{left: bytes, held: map[string]int64{}} }

// take waits for room, at most budgetWait or until ctx ends. Whoever gets it gives it back with release, once.
func (b *budget) take(ctx context.Context, caller string, bytes int64) (release func(), ok bool) {
	return b.takeWithin(ctx, caller, bytes, budgetWait)
}

func (b *budget) takeWithin(ctx context.Context, caller string, bytes int64, wait time.Duration) (release func(), ok bool) {
	c := &claim{caller: caller, bytes: bytes, granted: make(chan struct{})}
	b.mu.Lock()
	if b.grant(c) {
		b.mu.Unlock()
		return func() { b.giveBack(c) }, true
	}
	place := b.waiting.PushBack(c)
	b.mu.Unlock()
	limit := time.NewTimer(wait)
	defer limit.Stop()
	select {
	case <-c.granted:
		return func() { b.giveBack(c) }, true
	case <-limit.C:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-c.granted: // at the last moment
		return func() { b.giveBack(c) }, true
	default:
		b.waiting.Remove(place)
		return nil, false
	}
}

// grant takes the bytes if there is room. The caller holds the lock.
func (b *budget) grant(c *claim) bool {
	if b.held[c.caller]+c.bytes > b.left {
		return false
	}
	b.held[c.caller] += c.bytes
	b.left -= c.bytes
	return true
}

func (b *budget) giveBack(c *claim) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += c.bytes
	if b.held[c.caller] -= c.bytes; b.held[c.caller] == 0 {
		delete(b.held, c.caller)
	}
	for e := b.waiting.Front(); e != nil; {
		waits, here := e.Value.(*claim), e
		e = e.Next()
		if b.grant(waits) {
			b.waiting.Remove(here)
			close(waits.granted)
		}
	}
}
