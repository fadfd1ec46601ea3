package proxy

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	dialTimeout = 5 * time.Second
	// idleLife is shorter than any web server keeps a silent connection (Apache and Node: 5 s), so that no request
	// meets one that is just being closed.
	idleLife = 2 * time.Second
	idleMost = 256
	// refusedPause is before the second try: a workload that is restarted listens again after a moment.
	refusedPause = 300 * time.Millisecond
)

func newTransport(timeout time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Transport{
		DialContext:           dialer.DialContext,
		MaxIdleConns:          idleMost,
		MaxIdleConnsPerHost:   idleMost,
		IdleConnTimeout:       idleLife,
		ResponseHeaderTimeout: timeout,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true, // bodies pass as they are
		WriteBufferSize:       32 << 10,
		ReadBufferSize:        32 << 10,
	}
}

// again asks a second time when the workload cannot have acted on the first: the connection was refused and nothing of
// the body is gone, or it broke before an answer and the request is one that changes nothing. http.Transport itself does
// the latter for connections that were kept.
type again struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (a *again) RoundTrip(r *http.Request) (*http.Response, error) {
	var body *kept
	if r.Body != nil && r.Body != http.NoBody {
		body = &kept{ReadCloser: r.Body}
		copied := *r
		copied.Body = body
		r = &copied
	}
	resp, err := a.next.RoundTrip(r)
	switch {
	case err == nil || r.Context().Err() != nil:
		return resp, err
	case errors.Is(err, syscall.ECONNREFUSED) && (body == nil || !body.touched.Load()):
		select {
		case <-r.Context().Done():
			return nil, err
		case <-time.After(refusedPause):
		}
	case !idempotent(r) || !broken(err):
		return nil, err
	}
	return a.next.RoundTrip(r)
}

// broken says whether the connection ended without an answer.
func broken(err error) bool {
	for _, end := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// kept is a body that survives the first try: a transport closes the body of a request that failed.
type kept struct {
	io.ReadCloser
	touched atomic.Bool
}

func (k *kept) Read(p []byte) (int, error) {
	k.touched.Store(true)
	return k.ReadCloser.Read(p)
}

// Close does nothing: httputil.ReverseProxy closes the body when it is done.
func (k *kept) Close() error { return nil }
