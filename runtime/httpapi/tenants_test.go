package httpapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/tenant"
)

// TestATenantSeesNothingOfAnother goes through every operation of the document that names a thing, with one tenant's key and
// the other's ids.
func TestATenantSeesNothingOfAnother(t *testing.T) {
	s := newService(t)
	a, b := s.tenant(), s.tenant()
	in := s.course(a.tenant, oneSCO(content.SCORM12), nil)
	registration := a.register(in.course, "jane")
	attempt := a.items("/api/v1/registrations/" + registration + "/attempts")[0]["id"].(string)
	a.link(registration, nil)
	launched := a.items("/api/v1/registrations/" + registration + "/launches")[0]["id"].(string)
	hook := a.webhook()
	key, _, _ := tenant.ParseKey(a.token)
	erasure := a.erase("POST", "/api/v1/learners/erase", map[string]any{"learnerId": "nobody"})
	ids := map[string]string{
		"courses": in.course, "imports": in.importID, "registrations": registration, "attempts": attempt, "launches": launched, "webhooks": hook.ID, "keys": key,
		"erasures": erasure.ID,
	}
	bodies := map[string]any{"put": "package", "patch": map[string]any{}}

	tried := 0
	for template, methods := range documentOf(s).paths {
		kind := strings.Split(template, "/")[3]
		if !strings.Contains(template, "{id}") {
			continue
		}
		require.NotEmpty(t, ids[kind], "a kind of thing this test does not know: %s", template)
		path := strings.NewReplacer("{id}", ids[kind], "{number}", "1").Replace(template)
		for method := range methods.(map[string]any) {
			b.send(strings.ToUpper(method), path, bodies[method]).problem(404)
			tried++
		}
	}
	require.GreaterOrEqual(t, tried, 20)

	mine := s.course(b.tenant, oneSCO(content.SCORM12), nil)
	b.send("POST", "/api/v1/imports", map[string]any{"fileName": "x.zip", "size": 1, "courseId": in.course}).problem(404)
	b.send("POST", "/api/v1/registrations", map[string]any{"courseId": in.course, "learner": map[string]string{"id": "x", "name": ""}}).problem(404)
	own := b.register(mine.course, "joe")
	b.erase("POST", "/api/v1/learners/erase", map[string]any{"learnerId": "jane"})
	b.send("POST", "/api/v1/registrations/"+own+"/launches", map[string]any{"attemptId": attempt}).problem(404)
	require.Empty(t, b.items("/api/v1/registrations?courseId="+in.course))
	require.Empty(t, b.items("/api/v1/registrations?learnerId=jane"))
	for _, list := range []string{"courses", "imports", "registrations", "webhooks", "keys", "erasures"} {
		for _, item := range b.items("/api/v1/" + list) {
			for _, id := range ids {
				require.NotEqual(t, id, item["id"], list)
			}
		}
	}

	// Nothing of all that has changed anything.
	require.Len(t, a.items("/api/v1/keys"), 1)
	require.Len(t, a.items("/api/v1/webhooks"), 1)
	require.Len(t, a.items("/api/v1/registrations/"+registration+"/attempts"), 1)
	a.send("GET", "/api/v1/me", nil).is(200)
}

func TestATenantsIdempotencyKeysAreItsOwn(t *testing.T) {
	s := newService(t)
	a, b := s.tenant(), s.tenant()
	body := map[string]any{"fileName": "x.zip", "size": 1}
	one := a.send("POST", "/api/v1/imports", body, "Idempotency-Key", "1").is(201)
	two := b.send("POST", "/api/v1/imports", body, "Idempotency-Key", "1").is(201)
	require.NotEqual(t, one.text, two.text)
	require.Empty(t, two.header.Get("Idempotency-Replayed"))
}
