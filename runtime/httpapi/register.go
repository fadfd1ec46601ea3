package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/tenant"
)

const (
	schemeKey     = "apiKey"
	schemeSession = "session"
)

// requestTime bounds an operation, waiting for a database that fails over included.
const requestTime = 20 * time.Second

// rules are what the middlewares need to know of an operation.
type rules struct {
	scope     tenant.Scope // "": any key will do
	streams   bool         // takes or gives a body that is no JSON, of any length and for any time
	shownOnce bool         // the answer holds a secret, so it is not remembered
}

const rulesKey = "rules"

func rulesOf(op *huma.Operation) rules { return op.Metadata[rulesKey].(rules) }

// register adds an operation: its scope, its limits and what its errors become are the same for all.
func register[I, O any](a *api, h huma.API, op huma.Operation, r rules, f func(context.Context, *I) (*O, error)) {
	op.Path = apiPrefix + op.Path
	scopes := []string{}
	if r.scope != "" {
		scopes = append(scopes, string(r.scope))
	}
	op.Security = []map[string][]string{{schemeKey: scopes}}
	op.Metadata = map[string]any{rulesKey: r}
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1 // readBody has bounded both
	if op.Method == http.MethodPost {
		op.Parameters = append(op.Parameters, idempotencyParam())
	}
	huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, a.Log, err)
		}
		return out, nil
	})
}

// limitTime is a middleware.
func limitTime(ctx huma.Context, next func(huma.Context)) {
	if rulesOf(ctx.Operation()).streams {
		next(ctx)
		return
	}
	limited, cancel := context.WithTimeout(ctx.Context(), requestTime)
	defer cancel()
	next(huma.WithContext(ctx, limited))
}

// ByID is the input of operations on one thing.
type ByID struct {
	ID string `path:"id" format:"uuid" pattern:"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" patternDescription:"a lower-case UUID"`
}

// pageByID is the input of lists of what belongs to one thing.
type pageByID struct {
	ByID
	Paging
}

// problemResponse describes errors, where an operation describes its answers itself.
func problemResponse(h huma.API) *huma.Response {
	schema := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[huma.ErrorModel](), true, "")
	return &huma.Response{Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}
