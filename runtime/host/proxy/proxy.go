// Package proxy passes requests to the workload beside the host and tells it who asks.
//
//	request ──► guard the connection ──► headers ──► workload on loopback
//	            deadlines that move       who, how      once more if it refused
//	            with the bytes
//
// Nothing is held back: uploads, server-sent events and what follows an upgrade (WebSocket) flow as they come, and no
// body is too large; the workload has its own limits.
package proxy

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// Route is what metrics call every request that was passed on: paths of a workload that is not ours are without number.
const Route = "proxied"

// RequestIDHeader carries the id of a request to the workload, for its log.
const RequestIDHeader = "X-Request-Id"

// Options say where to and from whom.
type Options struct {
	// Upstream is the workload, e.g. http://127.0.0.1:8081; its path is not used.
	Upstream *url.URL
	// Public is where people find the service: the workload is told its scheme and port, since what the last proxy
	// speaks (often HTTP) is not what the browser does. Nil: the workload is told what the last proxy said.
	Public *url.URL
	// Proxies is how many proxies before the host each append to X-Forwarded-For; see contract.Config.
	Proxies int
	// Timeout is how long the workload may take to begin its answer; zero: DefaultTimeout.
	Timeout time.Duration
	// Stall is how long a client may send or take nothing while bytes are due; zero: DefaultStall.
	Stall time.Duration
	// RequestID finds the id of a request; nil: there is none.
	RequestID func(context.Context) string
	// Observe is told of every request when its answer begins; nil: nobody is. Seconds are those until then, as in the
	// load balancer's TargetResponseTime: how long an event stream stays open is no latency.
	Observe func(method string, status int, seconds float64)
	Log     *slog.Logger
}

const (
	// DefaultTimeout is the longest that an application load balancer may be told to wait, so that the host is never
	// the one who gives up first.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
	DefaultTimeout = 4000 * time.Second
	// DefaultStall is that of web servers.
	DefaultStall = time.Minute
)

// Proxy is an http.Handler.
type Proxy struct {
	options Options
	reverse *httputil.ReverseProxy
}

// New makes a proxy. It asks nobody.
func New(o Options) *Proxy {
	o.Timeout, o.Stall = cmp.Or(o.Timeout, DefaultTimeout), cmp.Or(o.Stall, DefaultStall)
	if o.RequestID == nil {
		o.RequestID = func(context.Context) string { return "" }
	}
	if o.Observe == nil {
		o.Observe = func(string, int, float64) {}
	}
	p := &Proxy{options: o}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      &again{next: newTransport(o.Timeout)},
		ModifyResponse: p.answered,
		ErrorHandler:   p.failed,
		BufferPool:     &buffers{},
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	return p
}

// exchange is one request on its way.
type exchange struct {
	start time.Time
	body  *upload // nil without a body
}

type exchangeKey struct{}

// ServeHTTP implements http.Handler. Time limits of the server for whole requests do not hold here; see Options.Stall.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{start: time.Now()}
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	guarded, end := p.guard(w, r, x)
	defer end()
	p.reverse.ServeHTTP(guarded, r)
}

// answered is told of the head of every answer.
func (p *Proxy) answered(resp *http.Response) error {
	if id := p.options.RequestID(resp.Request.Context()); id != "" {
		resp.Header.Del(RequestIDHeader) // the host has set it already
	}
	p.observe(resp.Request, resp.StatusCode)
	return nil
}

func (p *Proxy) observe(r *http.Request, status int) {
	p.options.Observe(knownMethod(r.Method), status, time.Since(exchangeOf(r).start).Seconds())
}

// exchangeOf is never nil within ServeHTTP.
func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

// knownMethod keeps made-up methods from becoming labels.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// buffers for copying answers.
type buffers struct{ pool sync.Pool }

const bufferBytes = 32 << 10

// Get implements httputil.BufferPool.
func (b *buffers) Get() []byte {
	if buffer, ok := b.pool.Get().(*[bufferBytes]byte); ok {
		return buffer[:]
	}
	return make([]byte, bufferBytes)
}

// Put implements httputil.BufferPool.
func (b *buffers) Put(buffer []byte) { b.pool.Put((*[bufferBytes]byte)(buffer)) }
