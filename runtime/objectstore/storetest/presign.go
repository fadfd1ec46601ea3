package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
)

// sender makes presigned requests as a browser would.
type sender struct {
	*testing.T
	client *http.Client
}

// send answers with the status.
func (s sender) send(p objectstore.Presigned, body []byte, change func(*http.Request)) int {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), p.Method, p.URL, bytes.NewReader(body))
	require.NoError(s, err)
	r.Header = p.Header.Clone()
	if change != nil {
		change(r)
	}
	response, err := s.client.Do(r)
	require.NoError(s, err)
	defer response.Body.Close()
	return response.StatusCode
}

func presigned(s Subject) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		browser := sender{t, cmp.Or(s.Client, http.DefaultClient)}
		for i, size := range []int{1000, 9 << 20} {
			key, body := fmt.Sprintf("upload/demo/ü %d+%%.zip", i), noise(7, size)
			p, ok, err := f.PresignPut(t.Context(), key, int64(size), "application/zip", time.Minute)
			require.NoError(t, err)
			require.Equal(t, s.Presigns, ok)
			if !ok {
				return
			}
			require.Equal(t, http.MethodPut, p.Method)
			require.Equal(t, "application/zip", p.Header.Get("Content-Type"))
			require.Empty(t, p.Header.Get("Content-Length"))
			require.Empty(t, p.Header.Get("Host"))
			if s.Checks && size == 1000 { // of a larger one the server would not wait for the end
				requireBound(browser, p, body)
			}
			f.requireNone(t, key)
			require.Equal(t, http.StatusOK, browser.send(p, body, nil))
			f.requireBody(t, key, body)
			info, err := f.Stat(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, "application/zip", info.ContentType)
		}
	}
}

// requireBound: the signature is for this request and no other.
func requireBound(s sender, p objectstore.Presigned, body []byte) {
	for name, change := range map[string]func(*http.Request){
		"another type": func(r *http.Request) { r.Header.Set("Content-Type", "text/html") },
		"another object": func(r *http.Request) {
			r.URL.Path, r.URL.RawPath = strings.Replace(r.URL.Path, ".zip", ".zap", 1), ""
		},
		"another method": func(r *http.Request) { r.Method = http.MethodDelete },
		"a longer life": func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=60", "X-Amz-Expires=600", 1)
		},
		"no signature": func(r *http.Request) { r.URL.RawQuery = "" },
	} {
		require.Equal(s, http.StatusForbidden, s.send(p, body, change), name)
	}
	require.Equal(s, http.StatusForbidden, s.send(p, body[1:], nil), "a shorter body")
	require.Equal(s, http.StatusForbidden, s.send(p, append(body, 'x'), nil), "a longer body")
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
