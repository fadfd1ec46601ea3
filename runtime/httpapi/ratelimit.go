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
	ratePenalty = time.Second            // before a 429, so that who does not heed it keeps no processor busy
	ratePatient = 250 * time.Millisecond // for the cache: it must not hold up the API
)

// limitRate is the middleware that counts the requests of a key and of its tenant in windows of a minute, for all instances together: a
// tenant with more keys has no more requests. A cache that is away stops nobody. The headers are those of
// draft-ietf-httpapi-ratelimit-headers-10.
func (a *api) limitRate() func(huma.Context, func(huma.Context)) {
	seconds := int(rateWindow.Seconds())
	policy := fmt.Sprintf(`"key";q=%d;w=%d, "tenant";q=%d;w=%d`, a.Limits.RequestsPerMinute, seconds, a.Limits.TenantRequestsPerMinute, seconds)
	return func(ctx huma.Context, next func(huma.Context)) {
		now := a.Clock()
		window := now.Truncate(rateWindow)
		k := caller(ctx.Context())
		short, cancel := context.WithTimeout(ctx.Context(), ratePatient)
		key, err := a.count(short, "rate/"+k.ID, window)
		var all int64
		if err == nil {
			all, err = a.count(short, "rate-tenant/"+k.TenantID, window)
		}
		cancel()
		if err != nil {
			a.Log.WarnContext(ctx.Context(), "requests are not counted", "requestId", RequestID(ctx.Context()), "reason", err)
			next(ctx)
			return
		}
		reset := int(window.Add(rateWindow).Sub(now).Seconds()) + 1
		left := [2]int64{a.Limits.RequestsPerMinute - key, a.Limits.TenantRequestsPerMinute - all}
		ctx.SetHeader("RateLimit-Policy", policy)
		ctx.SetHeader("RateLimit", fmt.Sprintf(`"key";r=%d;t=%d, "tenant";r=%d;t=%d`, max(left[0], 0), reset, max(left[1], 0), reset))
		if left[0] >= 0 && left[1] >= 0 {
			next(ctx)
			return
		}
		whose, most := "this key", a.Limits.RequestsPerMinute
		if left[0] >= 0 {
			whose, most = "the tenant", a.Limits.TenantRequestsPerMinute
		}
		select {
		case <-time.After(ratePenalty):
		case <-ctx.Context().Done():
		}
		ctx.SetHeader("Retry-After", strconv.Itoa(max(reset-int(ratePenalty.Seconds()), 1)))
		refuse(ctx, newProblem(http.StatusTooManyRequests, fmt.Sprintf("%s has made its %d requests of this minute", whose, most)))
	}
}

func (a *api) count(ctx context.Context, name string, window time.Time) (int64, error) {
	return a.Cache.Add(ctx, name+"/"+strconv.FormatInt(window.Unix(), 36), 1, rateWindow)
}
