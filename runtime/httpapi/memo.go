package httpapi

import (
	"sync"
	"time"
)

// memo keeps values in this process for a while. What is kept is never the truth, only a read saved.
type memo[V any] struct {
	life time.Duration
	most int

	mu   sync.Mutex
	kept map[string]memoEntry[V]
}

type memoEntry[V any] struct {
	value V
	until time.Time
}

func newMemo[V any](life time.Duration, most int) *memo[V] {
	return &memo[V]{life: life, most: most, kept: map[string]memoEntry[V]{}}
}

func (m *memo[V]) get(key string, now time.Time) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.kept[key]
	if !ok || !now.Before(e.until) {
		var none V
		return none, false
	}
	return e.value, true
}

func (m *memo[V]) put(key string, value V, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.kept) >= m.most {
		for k, e := range m.kept {
			if !now.Before(e.until) {
				delete(m.kept, k)
			}
		}
	}
	if len(m.kept) >= m.most {
		clear(m.kept) // rare, and cheaper than knowing which is the oldest
	}
	m.kept[key] = memoEntry[V]{value, now.Add(m.life)}
}

func (m *memo[V]) drop(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, key)
}
