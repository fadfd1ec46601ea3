package cache

import (
	"context"
	"errors"
	"time"
)

// Port is what the runtime asks of a shared cache. Whatever is in it may be gone at any time.
type Port interface {
	// Get is the value, or ok false.
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	Set(ctx context.Context, key string, value []byte, life time.Duration) error
	Delete(ctx context.Context, key string) error
	// Add adds n to a counter that is forgotten life after its first Add, and returns the sum.
	Add(ctx context.Context, key string, n int64, life time.Duration) (int64, error)
	// Lock takes a lock for life, or returns ErrLocked. token grows with every taking of this name, so that a holder who
	// was away too long can be told from the present one.
	Lock(ctx context.Context, name string, life time.Duration) (Lock, error)
	Ping(ctx context.Context) error
	Close() error
}

// Lock is a lock that is held.
type Lock interface {
	Token() int64
	// Renew extends it to life from now; ErrLockLost if somebody else may have it.
	Renew(ctx context.Context, life time.Duration) error
	// Release gives it back. A lock that was lost is not taken from its new holder: ErrLockLost.
	Release(ctx context.Context) error
}

// Errors of locks.
var (
	ErrLocked   = errors.New("cache: somebody else holds the lock")
	ErrLockLost = errors.New("cache: the lock was lost")
)

var (
	_ Port = (*Valkey)(nil)
	_ Port = (*Embedded)(nil)
)
