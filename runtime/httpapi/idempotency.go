package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/postgres"
)

const (
	idempotencyHeader = "Idempotency-Key"
	replayedHeader    = "Idempotency-Replayed"
	idempotencyLength = 255
	settleTime        = 5 * time.Second
)

func idempotencyParam() *huma.Param {
	return &huma.Param{
		Name: idempotencyHeader, In: "header",
		Description: "Makes the request safe to repeat: a repetition is answered as the first one was.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: new(1), MaxLength: new(idempotencyLength)},
	}
}

// remember is the middleware that answers the repetition of a POST with the answer to the first. Only what succeeded is
// remembered; what was refused had no effect and may be sent again, corrected or not. All that a request with a key writes is one
// transaction.
func (a *api) remember() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		key := ctx.Header(idempotencyHeader)
		if key == "" || ctx.Method() != http.MethodPost {
			next(ctx)
			return
		}
		if !isPrintable(key) || len(key) > idempotencyLength {
			refuse(ctx, newProblem(http.StatusBadRequest, "an Idempotency-Key is up to 255 printable ASCII characters"))
			return
		}
		key = hidden(key)
		r, w := humago.Unwrap(ctx)
		text, _ := io.ReadAll(r.Body) // readBody has it in memory
		r.Body = io.NopCloser(bytes.NewReader(text))
		mark := fingerprint(r, text)
		owner := caller(ctx.Context()).TenantID
		claim, first, err := a.DB.Claim(ctx.Context(), owner, key, mark)
		switch {
		case err != nil:
			refuse(ctx, problemOf(ctx.Context(), a.Log, err))
		case claim != nil:
			a.answerAndRemember(ctx, next, claim, mark)
		case !bytes.Equal(first.Fingerprint, mark):
			refuse(ctx, problemFor(kindNamed(idempotencyConflict), "this Idempotency-Key belongs to another request; use a new one"))
		case first.Status == 0:
			ctx.SetHeader("Retry-After", "1")
			refuse(ctx, problemFor(kindNamed(idempotencyInProgress), "the first request with this Idempotency-Key is still under way"))
		default:
			replay(w, r, first)
		}
	}
}

// answerAndRemember lets the request do what it does, and commits that together with the answer: an instance that dies in between
// leaves neither.
func (a *api) answerAndRemember(ctx huma.Context, next func(huma.Context), claim *postgres.Claim, mark []byte) {
	defer claim.Abandon() // also if it panics
	r, w := humago.Unwrap(ctx)
	answer := &buffered{header: w.Header()}
	inside := claim.Context(ctx.Context())
	next(huma.WithContext(humago.NewContext(ctx.Operation(), r.WithContext(inside), answer), inside))
	if answer.status/100 == 2 {
		m := postgres.Remembered{Fingerprint: mark, Status: answer.status, Body: answer.body.Bytes()}
		if rulesOf(ctx.Operation()).shownOnce {
			m.Status, m.Body = http.StatusConflict, nil
		}
		m.Header, _ = json.Marshal(kept(answer.header)) // strings always marshal
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx.Context()), settleTime)
		defer cancel()
		if err := claim.Complete(limited, m); err != nil {
			w.Header().Del("Location")
			refuse(ctx, problemOf(ctx.Context(), a.Log, err))
			return
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes()) // the client has gone; nobody is left to tell
}

// replay answers as the first time. A secret was shown then and is kept nowhere, so there is only a problem to show.
func replay(w http.ResponseWriter, r *http.Request, m postgres.Remembered) {
	var header map[string]string
	_ = json.Unmarshal(m.Header, &header) // we wrote it
	for name, value := range header {
		w.Header().Set(name, value)
	}
	w.Header().Set(replayedHeader, "true")
	if m.Status == http.StatusConflict {
		writeProblem(w, r, problemFor(kindNamed(secretShown), "this was done already, and its secret was shown then; list what there is, and rotate it if the secret is lost"))
		return
	}
	w.WriteHeader(m.Status)
	_, _ = w.Write(m.Body)
}

func kept(h http.Header) map[string]string {
	m := map[string]string{}
	for _, name := range []string{"Content-Type", "Location"} {
		if v := h.Get(name); v != "" {
			m[name] = v
		}
	}
	return m
}

func fingerprint(r *http.Request, text []byte) []byte {
	sum := sha256.New()
	_, _ = io.WriteString(sum, r.Method+" "+r.URL.RequestURI()+"\n") // a hash takes everything
	_, _ = sum.Write(text)
	return sum.Sum(nil)
}

// hidden is what is kept of a key: people make them of learners' ids, and what is kept must be found when a learner is erased.
func hidden(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func isPrintable(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x21 || c > 0x7e {
			return false
		}
	}
	return true
}

// buffered keeps an answer until it has been remembered.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header { return b.header }

func (b *buffered) WriteHeader(status int) {
	if b.status == 0 {
		b.status = status
	}
}

func (b *buffered) Write(p []byte) (int, error) {
	b.WriteHeader(http.StatusOK)
	return b.body.Write(p)
}
