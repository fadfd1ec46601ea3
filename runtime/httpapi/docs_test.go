package httpapi_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/httpapi"
)

func TestTheReferenceSaysWhatTheDocumentSays(t *testing.T) {
	s := newService(t)
	c := s.with("")
	page := c.send("GET", "/api/v1/docs", nil).is(200)
	require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
	require.Equal(t, "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", page.header.Get("Content-Security-Policy"))
	require.Empty(t, regexp.MustCompile(`<script|<style|style="|\son[a-z]+="|src="`).FindString(page.text), "nothing that the policy forbids")
	require.Equal(t, 200, c.send("GET", "/api/v1/docs/style.css", nil).status)
	require.True(t, strings.Contains(page.text, `href="/api/v1/docs/style.css"`))

	anchors := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page.text, -1) {
		anchors[m[1]]++
		require.Equal(t, 1, anchors[m[1]], "%s is there twice", m[1])
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page.text, -1) {
		require.Contains(t, anchors, m[1], "a link that leads nowhere")
	}
	d := documentOf(s)
	for _, part := range []string{"paths", "webhooks"} {
		for path, methods := range d.whole[part].(map[string]any) {
			for method, operation := range methods.(map[string]any) {
				require.Contains(t, anchors, operation.(map[string]any)["operationId"], "%s %s", method, path)
			}
		}
	}
	for _, text := range []string{`curl &#34;$LECTERN/api/v1/courses&#34;`, "Lectern-Signature", "Idempotency-Key", "Needs a key with the scope <code>read</code>"} {
		require.True(t, strings.Contains(page.text, text), text)
	}
}

func TestEveryKindOfProblemIsExplained(t *testing.T) {
	s := newService(t)
	c := s.with("")
	page := c.send("GET", "/api/v1/docs", nil).is(200).text
	kinds := httpapi.ProblemTypes()
	for _, kind := range kinds {
		name, ok := strings.CutPrefix(kind, "/problems/")
		require.True(t, ok, kind)
		got := c.send("GET", kind, nil)
		require.Equal(t, 302, got.status)
		require.Equal(t, "/api/v1/docs#problem-"+name, got.header.Get("Location"))
		require.True(t, strings.Contains(page, `id="problem-`+name+`"`), name)
	}
	c.send("GET", "/problems/made-up", nil).problem(404)

	schemas := documentOf(s).whole["components"].(map[string]any)["schemas"].(map[string]any)
	var documented []string
	for _, kind := range schemas["ErrorModel"].(map[string]any)["properties"].(map[string]any)["type"].(map[string]any)["enum"].([]any) {
		documented = append(documented, kind.(string))
	}
	require.Equal(t, kinds, documented)
}

func TestProblemsSayWhichKindTheyAre(t *testing.T) {
	s := newService(t)
	c := s.tenant("read")
	kind := func(got reply, status int) string {
		p, _ := got.problem(status)
		return strings.TrimPrefix(p.Type, "/problems/")
	}
	id := newID()
	require.Equal(t, "unauthorized", kind(s.with("").send("GET", "/api/v1/courses", nil), 401))
	require.Equal(t, "insufficient-scope", kind(c.send("GET", "/api/v1/keys", nil), 403))
	require.Equal(t, "not-found", kind(c.send("GET", "/api/v1/courses/"+id, nil), 404))
	require.Equal(t, "not-found", kind(c.send("GET", "/api/v1/made-up", nil), 404))
	require.Equal(t, "method-not-allowed", kind(c.send("PUT", "/api/v1/courses", nil), 405))
	require.Equal(t, "invalid-request", kind(c.send("GET", "/api/v1/courses?limit=0", nil), 422))
	require.Equal(t, "unauthorized", kind(s.with("").send("GET", "/player/session", nil), 401))

	w := s.key(c.tenant, "write")
	require.Equal(t, "malformed-request", kind(w.send("POST", "/api/v1/webhooks", "{"), 400))
	require.Equal(t, "unsupported-media-type", kind(w.send("POST", "/api/v1/webhooks", `{}`, "Content-Type", "text/plain"), 415))
	require.Equal(t, "body-too-large", kind(w.send("POST", "/api/v1/webhooks", strings.Repeat(" ", 2<<20)), 413))
	w.send("POST", "/api/v1/webhooks", object{"url": "https://a.example"}, "Idempotency-Key", "k").is(201)
	require.Equal(t, "secret-shown", kind(w.send("POST", "/api/v1/webhooks", object{"url": "https://a.example"}, "Idempotency-Key", "k"), 409))
	require.Equal(t, "idempotency-conflict", kind(w.send("POST", "/api/v1/webhooks", object{"url": "https://b.example"}, "Idempotency-Key", "k"), 422))
}
