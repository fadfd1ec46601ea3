package proxy

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
)

// claims are headers by which a client could say who it is, and that no proxy of ours writes: programs believe them.
var claims = []string{"X-Real-Ip", "Client-Ip", "X-Client-Ip", "True-Client-Ip", "X-Cluster-Client-Ip"}

// rewrite makes the request that the workload gets. httputil has removed hop-by-hop headers, Forwarded and
// X-Forwarded-For, -Host and -Proto before.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = p.options.Upstream.Scheme, p.options.Upstream.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery // as it was written, also where Go would not read it
	r.Out.Host = r.In.Host

	for name := range r.Out.Header {
		// CGI cannot tell X_Real_Ip from X-Real-Ip. Web servers drop such headers by default, and so does the load
		// balancer (routing.http.drop_invalid_header_fields).
		if strings.Contains(name, "_") {
			delete(r.Out.Header, name)
		}
	}
	for _, name := range claims {
		r.Out.Header.Del(name)
	}
	r.Out.Header.Del("Proxy") // it would become HTTP_PROXY in CGI: https://httpoxy.org

	forwarded := r.In.Header["X-Forwarded-For"]
	r.Out.Header["X-Forwarded-For"] = forwarded
	r.SetXForwarded() // appends the peer, sets the host
	r.Out.Header.Set("X-Real-Ip", client(forwarded, r.In.RemoteAddr, p.options.Proxies))
	p.tellScheme(r)
	if id := p.options.RequestID(r.In.Context()); id != "" {
		r.Out.Header.Set(RequestIDHeader, id)
	}
}

// tellScheme says how people reach the service.
func (p *Proxy) tellScheme(r *httputil.ProxyRequest) {
	public := p.options.Public
	if public == nil {
		if said := r.In.Header.Get("X-Forwarded-Proto"); p.options.Proxies > 0 && (said == "http" || said == "https") {
			r.Out.Header.Set("X-Forwarded-Proto", said)
		}
		return
	}
	r.Out.Header.Set("X-Forwarded-Proto", public.Scheme)
	r.Out.Header.Set("X-Forwarded-Port", portOf(public)) // else that of the load balancer's listener
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// client is the address of whoever asked the first of our proxies. Each of them appended the one it was asked by to
// X-Forwarded-For, so it is the entry counted from the right; what is before it anybody may have written. With fewer
// entries than proxies the request came in behind the first of them, and all entries are ours.
// peer is host:port.
func client(forwarded []string, peer string, proxies int) string {
	host, _, err := net.SplitHostPort(peer)
	if err != nil {
		host = peer
	}
	if proxies < 1 || len(forwarded) == 0 {
		return host
	}
	entries := strings.Split(strings.Join(forwarded, ","), ",")
	if address, ok := addressOf(entries[max(0, len(entries)-proxies)]); ok {
		return address
	}
	return host
}

// addressOf reads an entry of X-Forwarded-For, which may hold a port.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-for-client-port
func addressOf(entry string) (string, bool) {
	entry = strings.TrimSpace(entry)
	if address, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		return address.String(), true
	}
	if both, err := netip.ParseAddrPort(entry); err == nil {
		return both.Addr().String(), true
	}
	return "", false
}

// idempotent requests may be asked again though the first asking may have been heard.
func idempotent(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return r.Body == nil || r.Body == http.NoBody
	}
	return false
}
