package worker

import (
	"context"
	"maps"
	"sync"
)

// shares is what each tenant has under way in this process.
type shares struct {
	mu      sync.Mutex
	running map[string]int
	total   int
	changed chan struct{} // closed when something is done; nil: nobody waits
}

// free waits until less than most is under way, or ctx is done: then it is 0. busy is what each tenant has.
func (s *shares) free(ctx context.Context, most int) (n int, busy map[string]int) {
	for {
		s.mu.Lock()
		n, busy = most-s.total, maps.Clone(s.running)
		changed := s.wait()
		s.mu.Unlock()
		if ctx.Err() != nil {
			return 0, nil
		}
		if n > 0 {
			return n, busy
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

// wait is closed when something is done. The caller holds the lock.
func (s *shares) wait() <-chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// changes is closed when something is done.
func (s *shares) changes() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wait()
}

// full is how much room there is of most, and which tenants may have no more: those that have as much as is left.
func (s *shares) full(most int) (free int, tenants []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	free = most - s.total
	for id, n := range s.running {
		if n >= free && n > 0 {
			tenants = append(tenants, id)
		}
	}
	return free, tenants
}

func (s *shares) add(tenantID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		s.running = map[string]int{}
	}
	s.running[tenantID]++
	s.total++
}

func (s *shares) done(tenantID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.running[tenantID]--; s.running[tenantID] == 0 {
		delete(s.running, tenantID)
	}
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
