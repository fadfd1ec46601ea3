// Package httpapi is the runtime's HTTP: the server, its log and its health paths.
package httpapi

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer is a server with limits that keep slow or idle clients from holding it. Idle connections outlive a load balancer's (60 s by default), else it would meet closed ones.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           WithRequestLog(h, log),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second, // a handler for large uploads extends its own (http.ResponseController)
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
