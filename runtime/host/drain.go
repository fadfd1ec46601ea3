package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Drain is how an instance stops.
type Drain struct {
	// Delay is how long requests are still taken while the health path already says 503, so that the load balancer
	// sends no more before the listener closes.
	Delay time.Duration
	// Limit is how long requests in flight may take after that.
	Limit time.Duration
}

// Serve serves on l until ctx is done, then drains: health says "draining", Delay passes, the listener closes, requests
// in flight finish within Limit. It returns nil after a clean stop.
func Serve(ctx context.Context, l net.Listener, s *http.Server, h *Health, d Drain, log *slog.Logger) error {
	s.Handler = lastOnDrain(s.Handler, h)
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	log.Info("listening", "address", l.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	h.Drain()
	log.Info("draining", "delay", d.Delay.String(), "limit", d.Limit.String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s while draining: %w", l.Addr(), err)
	case <-time.After(d.Delay):
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Limit)
	defer cancel()
	if err := s.Shutdown(limited); err != nil {
		return errors.Join(fmt.Errorf("requests were still in flight after %s: %w", d.Limit, err), s.Close())
	}
	log.Info("stopped")
	return nil
}

// lastOnDrain makes every answer of a draining instance its connection's last, and says so in the answer. A connection
// that is idle stays open until the listener closes: http.Server.SetKeepAlivesEnabled would close it at once, maybe
// while the load balancer is sending the next request on it, which then fails.
func lastOnDrain(next http.Handler, h *Health) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.isDraining() && r.Header.Get("Upgrade") == "" {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
