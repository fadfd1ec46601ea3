package cache

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// A lock is two keys with the same hash tag, so that they also lie on the same node of a cluster:
//
//	lock:{NAME}        "TOKEN HOLDER", as long as it is held
//	lock:{NAME}:token  the last token, for tokenLife
//
// https://valkey.io/topics/distributed-locks/ on why a lock that can run out needs a token that grows.

// tokenLife is how long a lock that nobody takes has its counter. After that, and after the server lost its data, the
// next token is still higher, because none is below the server's time in microseconds.
const tokenLife = 24 * time.Hour

// lockScript: KEYS lock, counter; ARGV holder, life and life of the counter in ms. It answers the token, or nil. The
// same holder asking again is the client that did not hear the answer. Tokens go as text: a Lua number written
// carelessly loses digits.
var lockScript = redis.NewScript(`
local held = redis.call('GET', KEYS[1])
if held then
	local token, holder = string.match(held, '^(%d+) (.*)$')
	if holder == ARGV[1] then
		return token
	end
	return false
end
local now = redis.call('TIME')
local floor = string.format('%.0f', now[1] * 1000000 + now[2])
local token = redis.call('INCR', KEYS[2])
if token < tonumber(floor) then
	redis.call('SET', KEYS[2], floor)
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
token = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[1], token .. ' ' .. ARGV[1], 'PX', ARGV[2])
return token`)

// renewScript: KEYS lock; ARGV what it holds if it is still ours, life in ms.
var renewScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

// releaseScript: KEYS lock; ARGV what it holds if it is still ours.
var releaseScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
	return 0
end
return redis.call('DEL', KEYS[1])`)

// Lock implements Port. The primary alone holds it: a failover may lose a lock that was just taken, which is what the
// token is for.
func (v *Valkey) Lock(ctx context.Context, name string, life time.Duration) (Lock, error) {
	if err := checkEntry(name, life); err != nil {
		return nil, err
	}
	key, holder, token := lockKey(name), uuid.NewString(), ""
	err := v.do(func() (err error) {
		token, err = lockScript.Run(ctx, v.client, []string{key, key + ":token"}, holder, life.Milliseconds(), tokenLife.Milliseconds()+life.Milliseconds()).Text()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if token == "" {
		return nil, fmt.Errorf("%w: %s", ErrLocked, name)
	}
	n, err := strconv.ParseInt(token, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("valkey: token of lock %s: %w", name, err)
	}
	return &valkeyLock{valkey: v, name: name, token: n, value: token + " " + holder}, nil
}

// lockKey: a brace in the name would end the hash tag early.
func lockKey(name string) string {
	return "lock:{" + strings.NewReplacer("%", "%25", "{", "%7b", "}", "%7d").Replace(name) + "}"
}

type valkeyLock struct {
	valkey *Valkey
	name   string
	token  int64
	value  string // what the key holds while the lock is ours
}

// Token implements Lock.
func (l *valkeyLock) Token() int64 { return l.token }

// Renew implements Lock.
func (l *valkeyLock) Renew(ctx context.Context, life time.Duration) error {
	if err := checkEntry(l.name, life); err != nil {
		return err
	}
	return l.ifHeld(ctx, renewScript, life.Milliseconds())
}

// Release implements Lock.
func (l *valkeyLock) Release(ctx context.Context) error { return l.ifHeld(ctx, releaseScript) }

func (l *valkeyLock) ifHeld(ctx context.Context, script *redis.Script, args ...any) error {
	done := int64(0)
	err := l.valkey.do(func() (err error) {
		done, err = script.Run(ctx, l.valkey.client, []string{lockKey(l.name)}, append([]any{l.value}, args...)...).Int64()
		return err
	})
	if err == nil && done == 0 {
		return fmt.Errorf("%w: %s", ErrLockLost, l.name)
	}
	return err
}
