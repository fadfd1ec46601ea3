package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/httpapi/strictjson"
)

// readBody is the middleware that reads a body up to the limit and sees that it is fit to be decoded, before anything is made of it.
func (a *api) readBody(h huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		op := ctx.Operation()
		if rulesOf(op).streams {
			next(ctx)
			return
		}
		r, _ := humago.Unwrap(ctx)
		text, p := readJSON(r, a.Limits.BodyBytes)
		if p == nil && op.RequestBody == nil && len(bytes.TrimSpace(text)) > 0 && string(bytes.TrimSpace(text)) != "{}" {
			p = newProblem(http.StatusBadRequest, "this takes no body")
		}
		if p == nil && strictjson.HoldsNUL(text) {
			p = newProblem(http.StatusBadRequest, `the body holds the character \u0000, which cannot be stored`)
		}
		if p != nil {
			_ = huma.WriteErr(h, ctx, p.Status, p.Detail) // the client has gone; nobody is left to tell
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		next(ctx)
	}
}

// politeBytes of a body that is too large are read and thrown away, so that the caller gets to read why: a server that answers and closes
// while it is still being written to resets the connection.
const politeBytes = 8 << 20

// readJSON reads a body of at most limit bytes that could be JSON.
func readJSON(r *http.Request, limit int64) ([]byte, *huma.ErrorModel) {
	var text []byte
	var err error
	if r.ContentLength <= limit {
		text, err = io.ReadAll(io.LimitReader(r.Body, limit+1))
	}
	var slow net.Error
	switch {
	case r.ContentLength > limit || int64(len(text)) > limit:
		_, _ = io.CopyN(io.Discard, r.Body, politeBytes) // whether that is all or not, the answer is the same
		return nil, newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over the limit of %d bytes", limit))
	case errors.As(err, &slow) && slow.Timeout():
		return nil, newProblem(http.StatusRequestTimeout, "the body did not come in time")
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "the body broke off")
	}
	if wrong := strictjson.Unfit(text); wrong != "" {
		return nil, newProblem(http.StatusBadRequest, wrong)
	}
	return text, nil
}

// isJSON says whether a Content-Type is JSON; none counts as it.
func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media == "" || strings.EqualFold(strings.TrimSpace(media), "application/json")
}
