package queue

import (
	"slices"
	"time"
)

// kept is a message with what the queue knows of it.
type kept struct {
	Message
	sent    time.Time
	visible time.Time // from then on it can be received
	index   int       // in byVisibility
}

func (k *kept) copy() Message {
	m := k.Message
	m.Body = slices.Clone(m.Body)
	return m
}

// byVisibility is a heap: what can be received first is first.
type byVisibility []*kept

// Len implements heap.Interface.
func (h byVisibility) Len() int { return len(h) }

// Less implements heap.Interface.
func (h byVisibility) Less(i, j int) bool { return h[i].visible.Before(h[j].visible) }

// Swap implements heap.Interface.
func (h byVisibility) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *byVisibility) Push(x any) {
	k := x.(*kept)
	k.index = len(*h)
	*h = append(*h, k)
}

// Pop implements heap.Interface.
func (h *byVisibility) Pop() any {
	last := len(*h) - 1
	k := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return k
}
