package host

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// WorkloadPart asks the workload beside the host for a page. It is well when it answers with less than 500: a redirect to a
// login page, or a 404, comes from a program that works. It is asked as people ask it, by the name and scheme of
// public, since workloads redirect or refuse what comes by another; public may be nil. The answer's body is not judged.
func WorkloadPart(upstream *url.URL, path string, public *url.URL) Part {
	address := *upstream
	address.Path, address.RawQuery = "", ""
	client := &http.Client{
		Transport:     &http.Transport{IdleConnTimeout: 2 * time.Second}, // no proxy, and no connection that the workload is about to close
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return Part{Name: "workload", Well: "answering", Local: true, Ask: func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String()+path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("User-Agent", "lectern-runtime health")
		if public != nil {
			req.Host = public.Host
			req.Header.Set("X-Forwarded-Proto", public.Scheme)
			req.Header.Set("X-Forwarded-Host", public.Host)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection may be used again
		if resp.StatusCode >= http.StatusInternalServerError {
			return fmt.Errorf("the workload answers %s with %s", path, resp.Status)
		}
		return nil
	}}
}
