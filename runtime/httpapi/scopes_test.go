package httpapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/tenant"
)

var update = flag.Bool("update", false, "write the reference of scopes")

const scopesReference = "../../docs/reference/api-scopes.md"

// needed is what an operation of the document needs: a scope, any (key), or session (the player's).
type needed struct{ method, path, summary, scope string }

// operations are those of the document, in order. One that says nothing of a scope fails the test.
func operations(t *testing.T, s *service) (list []needed) {
	t.Helper()
	for path, methods := range documentOf(s).paths {
		for method, operation := range methods.(map[string]any) {
			o := operation.(map[string]any)
			n := needed{strings.ToUpper(method), path, o["summary"].(string), ""}
			security := o["security"].([]any)[0].(map[string]any)
			scope, declared := o["x-lectern-scope"].(string)
			switch listed, isKey := security["apiKey"].([]any); {
			case security["session"] != nil:
				n.scope = "session"
			case isKey && declared && scope == "any":
				require.Empty(t, listed, "%s %s", n.method, n.path)
				n.scope = scope
			case isKey && declared:
				require.Contains(t, tenant.AllScopes(), tenant.Scope(scope), "%s %s", n.method, n.path)
				require.Equal(t, []any{scope}, listed, "%s %s", n.method, n.path)
				require.Contains(t, o["description"], "Needs a key with the scope "+scope+".", "%s %s", n.method, n.path)
				n.scope = scope
			}
			require.NotEmpty(t, n.scope, "%s %s declares no scope", n.method, n.path)
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b needed) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	return list
}

// TestEveryOperationAsksForItsScope sends every operation with every set of scopes: those that lack the one it needs are
// refused, and no other.
func TestEveryOperationAsksForItsScope(t *testing.T) {
	s := newService(t, limits(func(l *limit) { l.RequestsPerMinute = 1 << 20 }))
	all, owner := tenant.AllScopes(), s.tenant().tenant
	tried := 0
	for set := range 1 << len(all) {
		scopes := []tenant.Scope{}
		for i, scope := range all {
			if set>>i&1 == 1 {
				scopes = append(scopes, scope)
			}
		}
		k := s.key(owner, scopes...)
		for _, o := range operations(t, s) {
			path := strings.NewReplacer("{id}", noSuchID, "{number}", "1").Replace(o.path)
			got := k.send(o.method, path, nil)
			switch {
			case o.scope == "session":
				got.problem(401)
			case o.scope == "any" || slices.Contains(scopes, tenant.Scope(o.scope)):
				require.NotContains(t, []int{401, 403}, got.status, "%s %s with %v: %s", o.method, o.path, scopes, got.text)
			default:
				p, _ := got.problem(403)
				require.Contains(t, p.Detail, o.scope)
			}
			tried++
		}
	}
	t.Logf("%d sets of scopes × %d operations", 1<<len(all), tried/(1<<len(all)))
}

const noSuchID = "01900000-0000-7000-8000-000000000000"

// TestTheReferenceOfScopesIsTheDocuments keeps what people read the same as what is checked; -update writes it.
func TestTheReferenceOfScopesIsTheDocuments(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# What a key may do

Every operation of the API needs one scope, and the OpenAPI document says which, in ` + "`x-lectern-scope`" + ` and in its security. This table is made
from it (` + "`go test ./runtime/httpapi -run Scopes -update`" + `), and a test sends every operation with every set of scopes. No scope includes another.

| scope | lets a key |
|---|---|
`)
	for _, text := range tenant.Scopes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", text.Scope, text.May)
	}
	b.WriteString(`
A key grants at most what it has. A key that it makes or rotates has no scope that it lacks itself, and ends no later; otherwise the answer is 403 and
names the scope. Any key with ` + "`keys`" + ` may revoke any key of its tenant: that gives nobody anything, and one that leaked can be stopped. The first key
with a scope comes from the operator: ` + "`lectern-runtime key add TENANT --scope …`" + `.

| operation | scope | |
|---|---|---|
`)
	for _, o := range operations(t, newService(t)) {
		scope := "`" + o.scope + "`"
		if o.scope == "any" || o.scope == "session" {
			scope = map[string]string{"any": "any key", "session": "the player's session"}[o.scope]
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s |\n", o.method, o.path, scope, o.summary)
	}
	if *update {
		require.NoError(t, os.WriteFile(scopesReference, []byte(b.String()), 0o644))
	}
	text, err := os.ReadFile(scopesReference)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(text), "go test ./runtime/httpapi -run Scopes -update")
}

func TestAKeyGrantsAtMostWhatItHas(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	keeper := s.key(c.tenant, tenant.ScopeKeys, tenant.ScopeRead)
	mighty, _, _ := tenant.ParseKey(c.token)
	for _, scopes := range [][]string{{"write"}, {"erase"}, {"read", "write"}, {"keys", "erase"}} {
		p, _ := keeper.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": scopes}).problem(403)
		require.Contains(t, p.Detail, scopes[len(scopes)-1])
	}
	p, _ := keeper.send("POST", "/api/v1/keys/"+mighty+"/rotate", nil).problem(403)
	require.Contains(t, p.Detail, "write, erase")
	require.Len(t, c.items("/api/v1/keys"), 2, "nothing was made")

	var made, fresh madeKey
	keeper.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"read", "keys"}}).is(201, &made)
	keeper.send("POST", "/api/v1/keys/"+made.Key.ID+"/rotate", nil).is(201, &fresh)
	own, _, _ := tenant.ParseKey(keeper.token)
	keeper.send("POST", "/api/v1/keys/"+own+"/rotate", nil).is(201)

	// Revoking gives nobody anything: it is open upwards, and to the key itself.
	keeper.send("DELETE", "/api/v1/keys/"+mighty, nil).is(204)
	c.send("GET", "/api/v1/me", nil).problem(401)
	keeper.send("DELETE", "/api/v1/keys/"+own, nil).is(204)
	keeper.send("GET", "/api/v1/me", nil).problem(401)
}

func TestAKeyThatEndsMakesNoneThatEndsLater(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	end := time.Now().Add(time.Hour).UTC()
	var short madeKey
	c.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"keys"}, "expiresAt": end}).is(201, &short)
	k := s.with(short.Secret)
	for _, later := range []map[string]any{{"name": "x", "scopes": []string{"keys"}}, {"name": "x", "scopes": []string{"keys"}, "expiresAt": end.Add(time.Second)}} {
		p, _ := k.send("POST", "/api/v1/keys", later).problem(403)
		require.Contains(t, p.Detail, "ends")
	}
	k.send("POST", "/api/v1/keys", map[string]any{"name": "x", "scopes": []string{"keys"}, "expiresAt": end}).is(201)
	k.send("POST", "/api/v1/keys/"+short.Key.ID+"/rotate", nil).is(201)
	endless := s.key(c.tenant, tenant.ScopeKeys)
	id, _, _ := tenant.ParseKey(endless.token)
	k.send("POST", "/api/v1/keys/"+id+"/rotate", nil).problem(403)
}

// Load balancers log addresses, so what names a learner is in bodies: a parameter that is new here is to be thought about, and
// the receipts of erasures name those that are exceptions.
func TestNoAddressNamesALearnerButTheFiltersThatReceiptsTellOf(t *testing.T) {
	harmless := []string{"id", "number", "limit", "after", "cascade", "courseId", "completion", "success", "changedSince", "changedBefore"}
	exceptions := map[string]bool{}
	for path, methods := range documentOf(newService(t)).whole["paths"].(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			parameters, _ := operation.(map[string]any)["parameters"].([]any)
			for _, p := range parameters {
				in, name := p.(map[string]any)["in"], p.(map[string]any)["name"].(string)
				if in == "header" || slices.Contains(harmless, name) {
					continue
				}
				require.Contains(t, []string{"learnerId", "search"}, name, "%s %s: may it name a learner?", method, path)
				exceptions[name] = true
			}
		}
	}
	text, err := json.Marshal((&erasure.Erasure{}).Remains(erasure.Keeps{}))
	require.NoError(t, err)
	for name := range exceptions {
		require.Contains(t, string(text), name)
	}
	require.Len(t, exceptions, 2)
}
