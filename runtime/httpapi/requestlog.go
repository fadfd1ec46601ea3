package httpapi

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

// RequestIDHeader carries the id of a request: taken from the caller if it is harmless, else made here, and returned.
const RequestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// RequestID is the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Observe is told of every request that was answered. route is the pattern it matched without the method, e.g. /api/v1/courses/{id}, or "unknown":
// never a path, since paths are without number and hold ids.
type Observe func(route, method string, status int, seconds float64)

// WithRequestLog logs one line a request: method, route pattern, status, bytes and time. Paths, queries, addresses and agents are
// left out, since they can identify a learner. Health checks are logged at debug level only: there are many.
func WithRequestLog(next http.Handler, log *slog.Logger, observers ...Observe) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(RequestIDHeader)
		if !isHarmlessID(id) {
			id = rand.Text()
		}
		w.Header().Set(RequestIDHeader, id)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		seen, start, ended := &recorder{ResponseWriter: w}, time.Now(), false
		defer func() {
			switch {
			case seen.status != 0:
			case ended:
				seen.status = http.StatusOK // what net/http sends when a handler sends nothing
			default:
				seen.status = http.StatusInternalServerError // it panicked, and the connection is broken
			}
			level := slog.LevelInfo
			switch r.URL.Path {
			case contract.LivePath, contract.ReadyPath, contract.HealthPath:
				level = slog.LevelDebug
			}
			log.Log(r.Context(), level, "request", "requestId", id, "method", r.Method, "route", r.Pattern,
				"status", seen.status, "bytes", seen.bytes, "ms", time.Since(start).Milliseconds())
			for _, o := range observers {
				o(routeOf(r.Pattern), methodOf(r.Method), seen.status, time.Since(start).Seconds())
			}
		}()
		next.ServeHTTP(seen, r)
		ended = true
	})
}

func routeOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return path
	}
	return cmp.Or(pattern, "unknown")
}

// methodOf keeps made-up methods from becoming labels.
func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

func isHarmlessID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=;:"
	return id != "" && len(id) <= 128 && strings.Trim(id, allowed) == ""
}

// recorder remembers what was answered. Unwrap lets http.ResponseController reach the real writer.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Hijack is for connections that are upgraded: the status is what was agreed, though nobody writes it here.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil && r.status == 0 {
		r.status = http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
