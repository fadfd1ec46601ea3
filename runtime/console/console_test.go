package console_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/console"
)

func TestTheConsoleIsServedWithAStrictPolicy(t *testing.T) {
	h, err := console.New()
	require.NoError(t, err)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	page := get("/console/")
	require.Equal(t, http.StatusOK, page.Code)
	require.Contains(t, page.Header().Get("Content-Security-Policy"), "frame-ancestors 'none'")
	require.NotContains(t, page.Header().Get("Content-Security-Policy"), "unsafe")
	require.NotRegexp(t, regexp.MustCompile(`\son[a-z]+=|<script>|<style`), page.Body.String(), "nothing inline, which the policy forbids")

	// Every module that one imports is there, as JavaScript.
	seen := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		w := get("/console/" + name)
		require.Equal(t, http.StatusOK, w.Code, name)
		require.Contains(t, w.Header().Get("Content-Type"), "javascript", name)
		for _, found := range regexp.MustCompile(`from "\./([^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
			follow(found[1])
		}
	}
	follow("console.js")
	require.GreaterOrEqual(t, len(seen), 12)
	require.Equal(t, http.StatusNotFound, get("/console/../console.go").Code)
}

func TestTheRootLeadsToTheConsole(t *testing.T) {
	w := httptest.NewRecorder()
	console.Front(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "/console/", w.Header().Get("Location"))
}
