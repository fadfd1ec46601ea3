package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/objectstore"
)

// retryAfterSeconds is what a 503 asks for: a failover takes longer, but asking again is cheap.
const retryAfterSeconds = "5"

// problemOf makes a problem (RFC 9457) of err. Faults are told; anything else is logged, and the caller gets the
// request's id to ask about.
func problemOf(ctx context.Context, log *slog.Logger, err error) *huma.ErrorModel {
	var p *huma.ErrorModel
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	if errors.As(err, &f) {
		p := problemFor(kindOfFault(f), f.Message)
		for _, field := range f.Fields {
			p.Errors = append(p.Errors, &huma.ErrorDetail{Location: field.Path, Message: field.Message})
		}
		return p
	}
	if errors.Is(err, objectstore.ErrFull) {
		log.ErrorContext(ctx, "the store is full", "requestId", RequestID(ctx), "reason", err)
		return newProblem(http.StatusServiceUnavailable, "the service has no room left to store this; nothing was changed, try again later")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		log.WarnContext(ctx, "request gave up", "requestId", RequestID(ctx), "reason", err)
		return newProblem(http.StatusServiceUnavailable, "this took too long and was given up; try again")
	}
	log.ErrorContext(ctx, "request failed", "requestId", RequestID(ctx), "reason", err)
	return newProblem(http.StatusInternalServerError, "something went wrong here; the log has it under the id of this request")
}

// newProblem is a problem of the kind that most with this status are of; problemFor is one of another kind.
func newProblem(status int, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Type: problemPath + kindOfStatus(status), Status: status, Title: http.StatusText(status), Detail: detail}
}

// problemFor is a problem of a kind.
func problemFor(k problemKind, detail string) *huma.ErrorModel {
	return &huma.ErrorModel{Type: problemPath + k.Name, Status: k.Status, Title: http.StatusText(k.Status), Detail: detail}
}

// refuse answers with a problem instead of an operation.
func refuse(ctx huma.Context, p *huma.ErrorModel) {
	r, w := humago.Unwrap(ctx)
	writeProblem(w, r, p)
}

// finishProblem is the last hand on every problem: it names the request, and drops the values that huma echoes, since they may be personal and
// whole bodies long. It is a huma.Transformer.
func finishProblem(ctx huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*huma.ErrorModel); ok {
		p.Instance = instance(ctx.Context())
		if p.Type == "" { // it is huma's own
			p.Type = problemPath + kindOfStatus(p.Status)
		}
		for _, e := range p.Errors {
			e.Value = nil
		}
		if p.Status == http.StatusServiceUnavailable {
			ctx.SetHeader("Retry-After", retryAfterSeconds)
		}
	}
	return v, nil
}

func instance(ctx context.Context) string {
	if id := RequestID(ctx); id != "" {
		return "urn:lectern:request:" + url.PathEscape(id)
	}
	return ""
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, r *http.Request, p *huma.ErrorModel) {
	p.Instance = instance(r.Context())
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfterSeconds)
	}
	sendProblem(w, p.Status, p)
}

// sendProblem writes a problem, or one with members of its own.
func sendProblem(w http.ResponseWriter, status int, p any) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = encodeJSON(w, p) // the client has gone; nobody is left to tell
}

func encodeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
