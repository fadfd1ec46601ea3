package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/httpapi/strictjson"
)

// How much of a body is read, by what it is for. All else takes none.
const (
	commitBytes = 1 << 20  // one activity's state, with the course's
	openBytes   = 4 << 10  // {"token": …}; a link's token has less than 300 characters
	jsonBytes   = 64 << 10 // of an operation; Limits.BodyBytes is another
	noBytes     = 4 << 10  // of an operation that takes no body, so that {} passes
	uploadBytes = 1 << 20  // counted for an upload, which is passed on as it comes
)

// A body may take bodyGrace, and a second more for each bodyRate of its bytes.
const (
	bodyGrace = 10 * time.Second
	bodyRate  = 32 << 10
)

// readBody is the middleware that reads a body up to the limit and sees that it is fit to be decoded, before anything is made of it.
func (a *api) readBody() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		op := ctx.Operation()
		r, w := humago.Unwrap(ctx)
		limit := a.Limits.BodyBytes
		switch {
		case rulesOf(op).streams:
			limit = uploadBytes
		case op.RequestBody == nil:
			limit = noBytes
		}
		if r.ContentLength == 0 { // nor has it chunks
			r.Body = http.NoBody
			next(ctx)
			return
		}
		b, p := a.admit(w, r, caller(ctx.Context()).TenantID, limit, rulesOf(op).streams)
		defer b.done()
		var text []byte
		if p == nil && !rulesOf(op).streams {
			if text, p = b.json(); p == nil {
				p = checkBody(op, text)
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
		}
		if p != nil {
			refuse(ctx, p)
			return
		}
		next(ctx)
	}
}

func checkBody(op *huma.Operation, text []byte) *huma.ErrorModel {
	if op.RequestBody == nil && len(bytes.TrimSpace(text)) > 0 && string(bytes.TrimSpace(text)) != "{}" {
		return newProblem(http.StatusBadRequest, "this takes no body")
	}
	if strictjson.HoldsNUL(text) {
		return newProblem(http.StatusBadRequest, `the body holds the character \u0000, which cannot be stored`)
	}
	return nil
}

// admitted is a body that there is room for.
type admitted struct {
	w       http.ResponseWriter
	r       *http.Request
	limit   int64
	release func() // nil: there is none
}

// admit refuses a body that is too large by its own account, and takes room for the others, before a byte is read. done
// must be called when the body has been dealt with, whatever comes of it. streamed: the length says nothing of the room.
func (a *api) admit(w http.ResponseWriter, r *http.Request, caller string, limit int64, streamed bool) (*admitted, *huma.ErrorModel) {
	b := &admitted{w: w, r: r, limit: limit}
	size := limit
	if !streamed {
		if r.ContentLength > limit {
			return b, a.tooLarge(b)
		}
		if r.ContentLength >= 0 {
			size = r.ContentLength
		}
	}
	release, ok := a.budget.take(r.Context(), caller, size)
	if !ok {
		a.discard(b)
		return b, newProblem(http.StatusServiceUnavailable, "there is no room for this at the moment; send it again in a few seconds")
	}
	b.release = release
	return b, nil
}

// done gives the room back.
func (b *admitted) done() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
}

// json reads a body that could be JSON.
func (b *admitted) json() ([]byte, *huma.ErrorModel) {
	size := b.limit
	if b.r.ContentLength >= 0 {
		size = b.r.ContentLength
	}
	control := http.NewResponseController(b.w)
	_ = control.SetReadDeadline(time.Now().Add(bodyGrace + time.Duration(size/bodyRate)*time.Second)) // where a connection has none, the server's limit stays
	text, err := readUpTo(b.r, b.limit)
	if err == nil { // else the connection is not used again
		_ = control.SetReadDeadline(time.Now().Add(readTimeout)) // the server watches the connection while the request is dealt with
	}
	var slow net.Error
	switch {
	case int64(len(text)) > b.limit:
		return nil, bodyTooLarge(b.limit)
	case errors.As(err, &slow) && slow.Timeout():
		b.w.Header().Set("Connection", "close")
		return nil, newProblem(http.StatusRequestTimeout, "the body did not come in time")
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "the body broke off")
	}
	if wrong := strictjson.Unfit(text); wrong != "" {
		return nil, newProblem(http.StatusBadRequest, wrong)
	}
	return text, nil
}

// readUpTo reads a body of known length without the copies that growing costs, and one byte more than limit of any other.
func readUpTo(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength < 0 {
		return io.ReadAll(io.LimitReader(r.Body, limit+1))
	}
	text := make([]byte, r.ContentLength)
	n, err := io.ReadFull(r.Body, text)
	return text[:n], err
}

func bodyTooLarge(limit int64) *huma.ErrorModel {
	return newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over the limit of %d bytes", limit))
}

func (a *api) tooLarge(b *admitted) *huma.ErrorModel {
	a.discard(b)
	return bodyTooLarge(b.limit)
}

// A body that is refused is read and thrown away up to politeBytes, so that the caller gets to read why: a server that answers and
// closes while it is still being written to resets the connection. That is a kindness to few at a time, and not for long.
const (
	politeBytes = 8 << 20
	politeTime  = 2 * time.Second
	politeMost  = 32 // at once; others may find the connection reset
)

func (a *api) discard(b *admitted) {
	b.w.Header().Set("Connection", "close")
	select {
	case a.polite <- struct{}{}:
		defer func() { <-a.polite }()
	default:
		return
	}
	_ = http.NewResponseController(b.w).SetReadDeadline(time.Now().Add(politeTime)) // where a connection has none, the server's limit stays
	_, _ = io.CopyN(io.Discard, b.r.Body, politeBytes)                              // whether that is all or not, the answer is the same
}

// isJSON says whether a Content-Type is JSON; none counts as it.
func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media == "" || strings.EqualFold(strings.TrimSpace(media), "application/json")
}
