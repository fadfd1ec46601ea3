package player

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func staged() fstest.MapFS {
	return fstest.MapFS{
		"assets/player.html":           {Data: []byte(`<script src="{{assets}}/player.js"></script>`)},
		"assets/player.js":             {Data: []byte(strings.Repeat("let a = 1;\n", 100))},
		"scorm-again/scorm12.min.js":   {Data: []byte("export {}")},
		"scorm-again/scorm2004.min.js": {Data: []byte("export {}")},
		"scorm-again/README.md":        {Data: []byte("about")},
	}
}

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func body(t *testing.T, r *httptest.ResponseRecorder) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

func TestWithoutTheLibraryItSaysWhatToDo(t *testing.T) {
	for _, name := range library {
		files := staged()
		delete(files, name)
		_, err := newHandler(files)
		require.ErrorIs(t, err, ErrNotStaged)
		require.ErrorContains(t, err, "make scorm-again")
	}
}

func TestThePageIsSafeAndNeverKept(t *testing.T) {
	h, err := newHandler(staged())
	require.NoError(t, err)
	for _, path := range []string{"/launch/TOKEN", "/player"} {
		r := get(t, h, path)
		require.Equal(t, http.StatusOK, r.Code)
		require.Equal(t, "text/html; charset=utf-8", r.Header().Get("Content-Type"))
		require.Equal(t, "no-store", r.Header().Get("Cache-Control"))
		require.Equal(t, "no-referrer", r.Header().Get("Referrer-Policy"))
		require.Equal(t, "nosniff", r.Header().Get("X-Content-Type-Options"))
		policy := r.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'self'")
		require.NotContains(t, policy, "unsafe")
		require.Contains(t, policy, "frame-ancestors *", "an LMS frames it")
		require.Empty(t, r.Header().Get("X-Frame-Options"))
		require.Empty(t, r.Header().Get("Cross-Origin-Opener-Policy"), "or opens it in a window, and waits until that is closed")
		require.NotContains(t, body(t, r), "TOKEN")
	}
}

func TestThePageHoldsNothingInline(t *testing.T) {
	source, err := embedded.ReadFile(page)
	require.NoError(t, err)
	require.NotRegexp(t, `<script[^>]*>[^<]|<style|\son[a-z]+=|style=|javascript:`, string(source))
	require.Contains(t, string(source), assetsPlaceholder)
}

func TestAssetsAreForEverUnderTheirHash(t *testing.T) {
	h, err := newHandler(staged())
	require.NoError(t, err)
	path := regexp.MustCompile(`/player/assets/[0-9a-f]{16}/player\.js`).FindString(body(t, get(t, h, "/player")))
	require.NotEmpty(t, path)

	r := get(t, h, path)
	require.Equal(t, "public, max-age=31536000, immutable", r.Header().Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", r.Header().Get("Content-Type"))
	plain := body(t, r)

	r = get(t, h, path, "Accept-Encoding", "br, gzip;q=0.8")
	require.Equal(t, "gzip", r.Header().Get("Content-Encoding"))
	zipped := body(t, r)
	require.Less(t, len(zipped), len(plain)/2)
	z, err := gzip.NewReader(bytes.NewReader([]byte(zipped)))
	require.NoError(t, err)
	unzipped, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, plain, string(unzipped))
	require.Empty(t, get(t, h, path, "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding"))

	require.Equal(t, http.StatusNotModified, get(t, h, path, "If-None-Match", r.Header().Get("ETag")).Code)
	require.Equal(t, http.StatusNotFound, get(t, h, strings.Replace(path, "player.js", "player.html", 1)).Code)
}

// During a deployment the page may come from one version and its files from another.
func TestAnotherVersionsAssetsAreServedButNotKept(t *testing.T) {
	h, err := newHandler(staged())
	require.NoError(t, err)
	r := get(t, h, "/player/assets/0123456789abcdef/player.js")
	require.Equal(t, http.StatusOK, r.Code)
	require.Equal(t, "no-store", r.Header().Get("Cache-Control"))
}

func TestAChangeOfAnyFileChangesTheHash(t *testing.T) {
	one, err := newHandler(staged())
	require.NoError(t, err)
	files := staged()
	files["scorm-again/scorm12.min.js"].Data = []byte("export {};")
	other, err := newHandler(files)
	require.NoError(t, err)
	require.NotEqual(t, body(t, get(t, one, "/player")), body(t, get(t, other, "/player")))
}
