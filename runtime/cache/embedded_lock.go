package cache

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// Lock implements Port. Tokens are at least the time in microseconds, so that they also grow from one run of the
// process to the next.
func (c *Embedded) Lock(_ context.Context, name string, life time.Duration) (Lock, error) {
	if err := checkEntry(name, life); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(c.locks, func(_ string, h held) bool { return !now.Before(h.until) })
	if _, taken := c.locks[name]; taken {
		return nil, fmt.Errorf("%w: %s", ErrLocked, name)
	}
	c.token = max(c.token+1, now.UnixMicro())
	c.locks[name] = held{c.token, now.Add(life)}
	return &embeddedLock{c, name, c.token}, nil
}

type embeddedLock struct {
	cache *Embedded
	name  string
	token int64
}

// Token implements Lock.
func (l *embeddedLock) Token() int64 { return l.token }

// Renew implements Lock.
func (l *embeddedLock) Renew(_ context.Context, life time.Duration) error {
	if err := checkEntry(l.name, life); err != nil {
		return err
	}
	return l.ifHeld(func() { l.cache.locks[l.name] = held{l.token, time.Now().Add(life)} })
}

// Release implements Lock.
func (l *embeddedLock) Release(context.Context) error {
	return l.ifHeld(func() { delete(l.cache.locks, l.name) })
}

func (l *embeddedLock) ifHeld(do func()) error {
	l.cache.mu.Lock()
	defer l.cache.mu.Unlock()
	if h := l.cache.locks[l.name]; h.token != l.token || !time.Now().Before(h.until) {
		return fmt.Errorf("%w: %s", ErrLockLost, l.name)
	}
	do()
	return nil
}
