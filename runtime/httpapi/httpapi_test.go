package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/httpapi"
)

func get(t *testing.T, base, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(base + path)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func TestTheHealthPaths(t *testing.T) {
	up := false
	h := host.NewHealth(slog.New(slog.DiscardHandler), host.HealthOptions{Share: 1}, host.Part{
		Name: "database", Well: "connected",
		Ask: func(context.Context) error {
			if !up {
				return errors.New("password authentication failed for db.internal")
			}
			return nil
		},
	})
	mux := http.NewServeMux()
	httpapi.AddHealth(mux, h)
	server := httptest.NewServer(mux)
	defer server.Close()
	check := func(ready int, body string) {
		t.Helper()
		status, text := get(t, server.URL, contract.HealthPath)
		require.Equal(t, ready, status)
		require.Equal(t, body, text)
		status, _ = get(t, server.URL, contract.ReadyPath)
		require.Equal(t, ready, status)
		status, _ = get(t, server.URL, contract.LivePath)
		require.Equal(t, http.StatusOK, status)
	}
	check(503, `{"status":"starting","database":"unreachable"}`)
	up = true
	check(200, `{"status":"ok","database":"connected"}`)
	up = false
	check(200, `{"status":"degraded","database":"unreachable"}`)
	h.Drain()
	check(503, `{"status":"draining","database":"unreachable"}`)
}

func TestTheRequestLogHoldsNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.HandleFunc("GET /learners/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, httpapi.RequestID(r.Context()))
	})
	mux.HandleFunc("GET "+contract.LivePath, func(http.ResponseWriter, *http.Request) {})
	server := httpapi.NewServer(mux, slog.New(slog.NewJSONHandler(&log, nil)))
	ask := func(path, id string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set(httpapi.RequestIDHeader, id)
		r.Header.Set("User-Agent", "agent-of-jane")
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, r)
		return w
	}
	w := ask("/learners/jane@example.org?name=jane", "Root=1-abc")
	require.Equal(t, "Root=1-abc", w.Body.String())
	require.Equal(t, "Root=1-abc", w.Header().Get(httpapi.RequestIDHeader))
	require.Contains(t, log.String(), `"requestId":"Root=1-abc","method":"GET","route":"GET /learners/{id}","status":200,"bytes":10`)

	w = ask("/learners/jane", "evil\" injected")
	require.Len(t, w.Body.String(), 26, "a made-up id in place of a harmful one")
	require.Equal(t, 404, ask("/jane", "").Code)
	require.Contains(t, log.String(), `"status":404`)
	for _, private := range []string{"jane", "192.0.2.1", "evil"} {
		require.NotContains(t, log.String(), private)
	}
	before := log.Len()
	ask(contract.LivePath, "")
	require.Equal(t, before, log.Len(), "health checks are many")
}
