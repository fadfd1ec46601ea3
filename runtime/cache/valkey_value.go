package cache

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Get implements Port.
func (v *Valkey) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	if err := checkKey(key); err != nil {
		return nil, false, err
	}
	err = v.do(func() error {
		value, err = v.client.Get(ctx, key).Bytes()
		ok = err == nil
		if errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	return value, ok, err
}

// Set implements Port. Lives are counted in milliseconds.
func (v *Valkey) Set(ctx context.Context, key string, value []byte, life time.Duration) error {
	if err := checkEntry(key, life); err != nil {
		return err
	}
	return v.do(func() error { return v.client.Set(ctx, key, value, life).Err() })
}

// Delete implements Port.
func (v *Valkey) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return v.do(func() error { return v.client.Del(ctx, key).Err() })
}

// addScript: KEYS counter; ARGV summand, life in ms.
var addScript = redis.NewScript(`
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then
	redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return sum`)

// Add implements Port. If the connection breaks in the middle, n may be added twice: counters limit rates, they keep
// no books.
func (v *Valkey) Add(ctx context.Context, key string, n int64, life time.Duration) (sum int64, err error) {
	if err := checkEntry(key, life); err != nil {
		return 0, err
	}
	err = v.do(func() error {
		sum, err = addScript.Run(ctx, v.client, []string{key}, n, life.Milliseconds()).Int64()
		return err
	})
	return sum, err
}
