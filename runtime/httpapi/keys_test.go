package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/tenant"
)

type madeKey struct {
	Key    tenant.Key
	Secret string
}

func (s *service) forward(d time.Duration) { s.skew.Add(int64(d)) }

func TestAKeyIsNeededAndItsScopes(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	p, _ := s.with("").send("GET", "/api/v1/courses", nil).problem(401)
	require.Contains(t, p.Detail, "needs a key")
	for _, token := range []string{"x", c.token + "0", c.token[:len(c.token)-1] + "0", strings.ToUpper(c.token), "lk_" + strings.Repeat("0", 32) + "_" + strings.Repeat("0", 64)} {
		if token == c.token {
			continue
		}
		got := s.with(token).send("GET", "/api/v1/courses", nil)
		got.problem(401)
		require.Contains(t, got.header.Get("WWW-Authenticate"), `Bearer realm="lectern", error="invalid_token"`)
	}
	s.with("").send("GET", "/api/v1/courses", nil, "Authorization", "Basic "+c.token).problem(401)
	s.with("").send("GET", "/api/v1/courses", nil, "Authorization", "bearer "+c.token).is(200)

	reader, writer, keeper := s.key(c.tenant, tenant.ScopeRead), s.key(c.tenant, tenant.ScopeWrite), s.key(c.tenant, tenant.ScopeKeys)
	reader.send("GET", "/api/v1/courses", nil).is(200)
	got := reader.send("POST", "/api/v1/webhooks", map[string]any{"url": "https://a.example"})
	got.problem(403)
	require.Contains(t, got.header.Get("WWW-Authenticate"), `error="insufficient_scope", scope="write"`)
	reader.send("GET", "/api/v1/keys", nil).problem(403)
	writer.send("GET", "/api/v1/courses", nil).problem(403)
	writer.webhook()
	keeper.send("GET", "/api/v1/courses", nil).problem(403)
	keeper.send("GET", "/api/v1/keys", nil).is(200)
}

func TestKeysAreMadeRotatedAndRevoked(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	var made, fresh madeKey
	c.send("POST", "/api/v1/keys", map[string]any{"name": "portal", "scopes": []string{"read", "write"}}).is(201, &made)
	s.with(made.Secret).send("GET", "/api/v1/courses", nil).is(200)
	s.with(made.Secret).send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}}).problem(403)
	listed := c.send("GET", "/api/v1/keys", nil).is(200).text
	require.Contains(t, listed, made.Key.ID)
	require.NotContains(t, listed, made.Secret, "a secret is shown once")

	c.send("POST", "/api/v1/keys/"+made.Key.ID+"/rotate", map[string]any{"overlapSeconds": 600}).is(201, &fresh)
	require.Equal(t, "portal", fresh.Key.Name)
	require.Equal(t, made.Key.Scopes, fresh.Key.Scopes)
	s.with(made.Secret).send("GET", "/api/v1/courses", nil).is(200)
	s.with(fresh.Secret).send("GET", "/api/v1/courses", nil).is(200)
	s.forward(11 * time.Minute)
	s.with(made.Secret).send("GET", "/api/v1/courses", nil).problem(401)
	s.with(fresh.Secret).send("GET", "/api/v1/courses", nil).is(200)
	c.send("POST", "/api/v1/keys/"+made.Key.ID+"/rotate", nil).problem(409)

	var last madeKey
	c.send("POST", "/api/v1/keys/"+fresh.Key.ID+"/rotate", map[string]any{"overlapSeconds": 0}).is(201, &last)
	s.with(fresh.Secret).send("GET", "/api/v1/courses", nil).problem(401)
	c.send("POST", "/api/v1/keys/"+last.Key.ID+"/rotate", nil).is(201)
	s.with(last.Secret).send("GET", "/api/v1/courses", nil).is(200) // a day by default
	c.send("DELETE", "/api/v1/keys/"+last.Key.ID, nil).is(204)
	s.with(last.Secret).send("GET", "/api/v1/courses", nil).problem(401)
	c.send("DELETE", "/api/v1/keys/"+newID(), nil).problem(404)
	c.send("POST", "/api/v1/keys/"+newID()+"/rotate", nil).problem(404)
}

func TestAnotherInstanceTakesARevokedKeyForHalfAMinuteAtMost(t *testing.T) {
	one, two := newService(t), newService(t)
	c := one.tenant()
	k := one.key(c.tenant, tenant.ScopeRead)
	two.with(k.token).send("GET", "/api/v1/courses", nil).is(200)
	id, _, _ := tenant.ParseKey(k.token)
	c.send("DELETE", "/api/v1/keys/"+id, nil).is(204)
	two.forward(31 * time.Second)
	two.with(k.token).send("GET", "/api/v1/courses", nil).problem(401)
}

func TestAKeyMayEnd(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	_, places := c.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}, "expiresAt": "2020-01-01T00:00:00Z"}).problem(422)
	require.Equal(t, []string{"body.expiresAt"}, places)
	var made madeKey
	c.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}, "expiresAt": time.Now().Add(time.Hour)}).is(201, &made)
	s.with(made.Secret).send("GET", "/api/v1/me", nil).is(200)
	s.forward(61 * time.Minute)
	s.with(made.Secret).send("GET", "/api/v1/me", nil).problem(401)
}

func TestTheLastUseOfAKeyIsNoted(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	id, _, _ := tenant.ParseKey(c.token)
	lastUse := func() time.Time {
		k, err := s.db.Key(t.Context(), c.tenant, id)
		require.NoError(t, err)
		require.NotNil(t, k.LastUsedAt)
		return *k.LastUsedAt
	}
	c.send("GET", "/api/v1/me", nil).is(200)
	first := lastUse()
	c.send("GET", "/api/v1/me", nil).is(200)
	require.Equal(t, first, lastUse(), "once a minute is enough")
	s.forward(61 * time.Second)
	c.send("GET", "/api/v1/me", nil).is(200)
	require.Greater(t, lastUse().Sub(first), time.Minute)
}

func TestSecretsAreInNoLogAndNoTable(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	var made madeKey
	c.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}}, "Idempotency-Key", "make-a-key").is(201, &made)
	p, _ := c.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read"}}, "Idempotency-Key", "make-a-key").problem(409)
	require.Contains(t, p.Detail, "shown then")
	require.Len(t, c.items("/api/v1/keys"), 2)
	encoded, err := json.Marshal(c.items("/api/v1/keys"))
	require.NoError(t, err)
	for _, secret := range []string{made.Secret, c.token, made.Secret[36:]} {
		require.NotContains(t, s.log.String(), secret)
		require.NotContains(t, string(encoded), secret)
	}
}
