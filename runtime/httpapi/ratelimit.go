package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const (
	rateWindow  = time.Minute
	ratePatient = 250 * time.Millisecond // for the cache: it must not hold up the API
)

// limitRate is the middleware that counts the requests of a key in windows of a minute, for all instances together. A cache
// that is away stops nobody. The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
func (a *api) limitRate(h huma.API) func(huma.Context, func(huma.Context)) {
	most := a.Limits.RequestsPerMinute
	policy := fmt.Sprintf(`"key";q=%d;w=%d`, most, int(rateWindow.Seconds()))
	return func(ctx huma.Context, next func(huma.Context)) {
		now := a.Clock()
		window := now.Truncate(rateWindow)
		short, cancel := context.WithTimeout(ctx.Context(), ratePatient)
		n, err := a.Cache.Add(short, "rate/"+caller(ctx.Context()).ID+"/"+strconv.FormatInt(window.Unix(), 36), 1, rateWindow)
		cancel()
		if err != nil {
			a.Log.WarnContext(ctx.Context(), "requests are not counted", "requestId", RequestID(ctx.Context()), "reason", err)
			next(ctx)
			return
		}
		reset := int(window.Add(rateWindow).Sub(now).Seconds()) + 1
		ctx.SetHeader("RateLimit-Policy", policy)
		ctx.SetHeader("RateLimit", fmt.Sprintf(`"key";r=%d;t=%d`, max(most-n, 0), reset))
		if n > most {
			ctx.SetHeader("Retry-After", strconv.Itoa(reset))
			_ = huma.WriteErr(h, ctx, http.StatusTooManyRequests, // the client has gone; nobody is left to tell
				fmt.Sprintf("this key has made its %d requests of this minute", most))
			return
		}
		next(ctx)
	}
}
