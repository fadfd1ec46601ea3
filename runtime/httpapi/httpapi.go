// Package httpapi is the runtime's HTTP: the server, its log, its health paths, and what the engine answers.
//
//	/api/v1/…              the tenant's systems, with a key; the OpenAPI document is /api/v1/openapi.json
//	/console/              see package console
//
// At players' hosts, of which each course has its own (launch.Players), there is nothing of that but
//
//	/api/v1/commits        the player, with a token of its launch; it is taken at the service's own host too
//	/launch/…, /player/…   the learner's browser: see package player for the page, and session here for what it is given
//	/content/…             the files of courses, with a grant
//
// A request of a tenant's system passes these in order; each may be the last:
//
//	guard        headers, unknown routes, panics
//	limitTime    20 s
//	authenticate 401, 403
//	limitRate    429
//	readBody     413, 503 if there is no room, 408, 400
//	share        503 if the tenant's turn does not come
//	remember     Idempotency-Key: 409, 422, or the answer of the first time
//	limitQuota   409 if the tenant may have no more
//	huma         decodes and validates: 422 with all that is wrong
package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// readTimeout is for a whole request.
const readTimeout = 60 * time.Second

// NewServer is a server with limits that keep slow or idle clients from holding it. Idle connections outlive a load balancer's (60 s by default), else it would meet closed ones.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
func NewServer(h http.Handler, log *slog.Logger, observers ...Observe) *http.Server {
	return &http.Server{
		Handler:           WithRequestLog(h, log, observers...),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       readTimeout, // handlers that read bodies set their own (http.ResponseController)
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    32 << 10, // CloudFront passes on up to 20 KiB
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
