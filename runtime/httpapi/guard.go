package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode/utf8"
)

// apiHeaders are for answers that no browser should show, frame, keep or guess about.
func apiHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// contentHeaders are for course files, which run in the browser: they may do what courses do, on this origin. The grant is in
// the address, so other origins are not told it. A player may be in a frame of an LMS: what the load balancer says of frames
// compares with all of them, and gives way to this (CSP 3, 6.4.2).
func contentHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "frame-ancestors *")
}

// guard answers what routes does not know, or what no handler should see, as problems, and survives a panic.
func (a *api) guard(routes *http.ServeMux, headers func(http.Header)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers(w.Header())
		seen := &recorder{ResponseWriter: w}
		defer a.survive(seen, r)
		if !isText(r.URL) {
			writeProblem(seen, r, newProblem(http.StatusBadRequest, "the address holds bytes that are no text (UTF-8 without NUL)"))
			return
		}
		h, pattern := routes.Handler(r)
		if pattern == "" {
			p := &probe{header: seen.Header()}
			h.ServeHTTP(p, r)
			writeProblem(seen, r, newProblem(p.status, unknownRoute(p.status, r.Method)))
			return
		}
		routes.ServeHTTP(seen, r)
	})
}

func (a *api) survive(w *recorder, r *http.Request) {
	reason := recover()
	if reason == nil {
		return
	}
	err, _ := reason.(error)
	if errors.Is(err, http.ErrAbortHandler) || w.status != 0 {
		a.Log.ErrorContext(r.Context(), "request aborted", "requestId", RequestID(r.Context()), "route", r.Pattern, "reason", fmt.Sprint(reason))
		panic(http.ErrAbortHandler) // the answer has begun: all that is left is to break the connection
	}
	a.Log.ErrorContext(r.Context(), "request panicked", "requestId", RequestID(r.Context()), "route", r.Pattern,
		"reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
	writeProblem(w, r, newProblem(http.StatusInternalServerError, "something went wrong here; the log has it under the id of this request"))
}

// isText says whether the decoded path and query could be stored as text.
func isText(u *url.URL) bool {
	query, err := url.QueryUnescape(u.RawQuery)
	if err != nil {
		return false
	}
	for _, s := range []string{u.Path, query} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return false
		}
	}
	return true
}

func unknownRoute(status int, method string) string {
	if status == http.StatusMethodNotAllowed {
		return fmt.Sprintf("%s does not go here; the Allow header says what does", method)
	}
	return "there is nothing at this address"
}

// probe learns what a handler would answer: the mux tells a wrong method from an unknown path, and sets Allow.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
