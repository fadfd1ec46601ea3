package httpapi

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

const (
	keyLife   = 30 * time.Second // how long another instance may take a key that was revoked
	keysKept  = 10_000
	touch     = time.Minute // how exact the last use of a key is
	touchTime = time.Second // how long a request waits for noting it, e.g. while the database fails over
)

type callerKey struct{}

// caller is the key that the request came with.
func caller(ctx context.Context) tenant.Key {
	k, _ := ctx.Value(callerKey{}).(tenant.Key)
	return k
}

// authenticate is the middleware that wants a key with the operation's scope (RFC 6750).
func (a *api) authenticate() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		deny := func(p *huma.ErrorModel, challenge string) {
			if p.Status < http.StatusInternalServerError {
				ctx.SetHeader("WWW-Authenticate", `Bearer realm="lectern"`+challenge)
			}
			refuse(ctx, p)
		}
		text, ok := bearer(ctx.Header("Authorization"))
		if !ok {
			deny(newProblem(http.StatusUnauthorized, "this needs a key: Authorization: Bearer lk_…"), "")
			return
		}
		k, err := a.keys.find(ctx.Context(), text)
		switch {
		case fault.Is(err, fault.Unauthorized):
			deny(newProblem(http.StatusUnauthorized, "this key is unknown, expired or revoked"), `, error="invalid_token"`)
			return
		case err != nil:
			deny(problemOf(ctx.Context(), a.Log, err), "")
			return
		}
		if scope := rulesOf(ctx.Operation()).scope; scope != anyKey && !k.May(scope) {
			deny(problemFor(kindNamed(insufficientScope), "this key lacks the scope "+string(scope)),
				`, error="insufficient_scope", scope="`+string(scope)+`"`)
			return
		}
		next(huma.WithValue(ctx, callerKey{}, k))
	}
}

func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && token != ""
}

// keyring finds keys, and remembers them for keyLife.
type keyring struct {
	db    *postgres.DB
	clock func() time.Time
	log   *slog.Logger
	seen  *memo[seenKey]
	used  *memo[struct{}]
}

type seenKey struct {
	key  tenant.Key
	hash []byte
}

func newKeyring(db *postgres.DB, clock func() time.Time, log *slog.Logger) *keyring {
	return &keyring{db: db, clock: clock, log: log, seen: newMemo[seenKey](keyLife, keysKept), used: newMemo[struct{}](touch, keysKept)}
}

// find is the key that text is of, or fault.Unauthorized.
func (r *keyring) find(ctx context.Context, text string) (tenant.Key, error) {
	unknown := fault.New(fault.Unauthorized, "no such key")
	id, hash, ok := tenant.ParseKey(text)
	if !ok {
		return tenant.Key{}, unknown
	}
	now := r.clock()
	s, ok := r.seen.get(id, now)
	if !ok || subtle.ConstantTimeCompare(s.hash, hash) != 1 {
		k, err := r.db.KeyByHash(ctx, id, hash)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthorized) {
			return tenant.Key{}, unknown
		}
		if err != nil {
			return tenant.Key{}, err
		}
		s = seenKey{k, hash}
		r.seen.put(id, s, now)
	}
	if isPast(s.key.ExpiresAt, now) || isPast(s.key.RevokedAt, now) {
		return tenant.Key{}, unknown
	}
	if _, ok := r.used.get(id, now); !ok {
		r.used.put(id, struct{}{}, now)
		short, cancel := context.WithTimeout(ctx, touchTime)
		defer cancel()
		if err := r.db.TouchKey(short, s.key.TenantID, id, now); err != nil { // the caller can do without
			r.log.WarnContext(ctx, "the last use of a key was not noted", "requestId", RequestID(ctx), "reason", err)
		}
	}
	return s.key, nil
}

func (r *keyring) forget(id string) { r.seen.drop(id) }

func isPast(t *time.Time, now time.Time) bool { return t != nil && !now.Before(*t) }
