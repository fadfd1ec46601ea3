package storetest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
)

// send makes a presigned request as a browser would, and returns the status.
func send(t *testing.T, p objectstore.Presigned, body []byte, change func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), p.Method, p.URL, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header = p.Header.Clone()
	if change != nil {
		change(r)
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

func presigned(s Subject) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		const key = "upload/demo/ü 1+%.zip"
		body := noise(7, 9<<20)
		p, ok, err := f.PresignPut(t.Context(), key, int64(len(body)), "application/zip", time.Minute)
		require.NoError(t, err)
		require.Equal(t, s.Presigns, ok)
		if !ok {
			return
		}
		require.Equal(t, http.MethodPut, p.Method)
		require.Equal(t, "application/zip", p.Header.Get("Content-Type"))
		require.Empty(t, p.Header.Get("Content-Length"))
		require.Empty(t, p.Header.Get("Host"))
		f.requireNone(t, key)
		if s.Checks {
			for name, change := range map[string]func(*http.Request){
				"another type":   func(r *http.Request) { r.Header.Set("Content-Type", "text/html") },
				"another object": func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "1", "2", 1); r.URL.RawPath = "" },
				"another method": func(r *http.Request) { r.Method = http.MethodDelete },
				"a longer life": func(r *http.Request) {
					r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=60", "X-Amz-Expires=600", 1)
				},
				"no signature": func(r *http.Request) { r.URL.RawQuery = "" },
			} {
				require.Equal(t, http.StatusForbidden, send(t, p, body, change), name)
			}
			require.Equal(t, http.StatusForbidden, send(t, p, body[1:], nil), "a shorter body")
			require.Equal(t, http.StatusForbidden, send(t, p, append(body, 'x'), nil), "a longer body")
			f.requireNone(t, key)
		}
		require.Equal(t, http.StatusOK, send(t, p, body, nil))
		f.requireBody(t, key, body)
		info, err := f.Stat(t.Context(), key)
		require.NoError(t, err)
		require.Equal(t, "application/zip", info.ContentType)
	}
}

func presignRefused(s Subject) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		if !s.Presigns {
			return
		}
		for _, size := range []int64{-1, 0, objectstore.MaxBytes + 1} {
			_, _, err := f.PresignPut(t.Context(), "a", size, "", time.Minute)
			require.Error(t, err)
		}
		for _, life := range []time.Duration{0, -time.Minute, 8 * 24 * time.Hour} {
			_, _, err := f.PresignPut(t.Context(), "a", 1, "", life)
			require.ErrorContains(t, err, "a life of")
		}
	}
}
