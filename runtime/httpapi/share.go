package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/postgres"
)

// statementsAtOnce is how many requests may ask the database at once, besides commits, which have writers of their own by
// tenant: the pool keeps connections for those and for the workers.
const statementsAtOnce = postgres.DefaultMaxConns * 6 / 10

// errBusy is for a request whose turn did not come.
func errBusy() *huma.ErrorModel {
	return newProblem(http.StatusServiceUnavailable, "too much is being asked at the moment; try again in a few seconds")
}

// share is the middleware that lets no tenant have more of the database than what is left for others. Those that must wait
// do so here, not in the pool, where everybody waits behind them.
func (a *api) share() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if rulesOf(ctx.Operation()).streams {
			next(ctx)
			return
		}
		release, ok := a.takeTurn(ctx.Context(), caller(ctx.Context()).TenantID)
		if !ok {
			p := errBusy()
			refuse(ctx, p)
			return
		}
		defer release()
		next(ctx)
	}
}

// takeTurn waits for a tenant's turn until ctx ends.
func (a *api) takeTurn(ctx context.Context, tenantID string) (release func(), ok bool) {
	return a.turns.takeWithin(ctx, tenantID, 1, requestTime)
}
