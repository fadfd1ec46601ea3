package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// deepest is how many objects and lists may be nested in a body.
const deepest = 32

// readBody is the middleware that reads a body up to the limit and sees that it is fit to be decoded, before anything is made of it.
func (a *api) readBody(h huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		op := ctx.Operation()
		if rulesOf(op).streams {
			next(ctx)
			return
		}
		r, w := humago.Unwrap(ctx)
		text, p := readJSON(w, r, a.Limits.BodyBytes)
		if p == nil && op.RequestBody == nil && len(bytes.TrimSpace(text)) > 0 && string(bytes.TrimSpace(text)) != "{}" {
			p = newProblem(http.StatusBadRequest, "this takes no body")
		}
		if p == nil && holdsNUL(text) {
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

// readJSON reads a body of at most limit bytes that could be JSON.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *huma.ErrorModel) {
	tooLarge := newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over the limit of %d bytes", limit))
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case errors.As(err, &slow) && slow.Timeout():
		return nil, newProblem(http.StatusRequestTimeout, "the body did not come in time")
	case err != nil:
		return nil, newProblem(http.StatusBadRequest, "the body broke off")
	}
	if wrong := unfit(text); wrong != "" {
		return nil, newProblem(http.StatusBadRequest, wrong)
	}
	return text, nil
}

// unfit says why text should not be decoded as JSON, or "". encoding/json is milder: it replaces bytes that are no UTF-8, and goes 10,000
// levels deep.
func unfit(text []byte) string {
	if !utf8.Valid(text) {
		return "the body is no UTF-8"
	}
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > deepest {
				return fmt.Sprintf("the body is nested over %d levels deep", deepest)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return ""
}

// holdsNUL says whether JSON has an escaped NUL in a string; PostgreSQL stores none in a text. An even number of backslashes before the u is
// no escape.
func holdsNUL(text []byte) bool {
	for at := 0; ; {
		i := bytes.Index(text[at:], []byte(`\u0000`))
		if i < 0 {
			return false
		}
		at += i
		backslashes := 1
		for at-backslashes >= 0 && text[at-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 1 {
			return true
		}
		at++
	}
}

// isJSON says whether a Content-Type is JSON; none counts as it.
func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return media == "" || strings.EqualFold(strings.TrimSpace(media), "application/json")
}
