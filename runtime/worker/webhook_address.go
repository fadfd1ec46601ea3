package worker

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Tenants choose the addresses that webhooks go to, and the service stands where tenants do not: in a private network
// with databases, caches and the instance's metadata. So only public addresses are connected to. That is checked on the
// address a connection is really made to, since a name may mean something else the second time it is asked.

var errNotPublic = errors.New("worker: the address is not public")

// notPublic are the networks beside those that netip knows (private, loopback, link-local, multicast, unspecified) that
// are not the public internet, and those that carry an IPv4 address inside
// (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"),
}

// allocated is all of IPv6 that IANA gives out as global unicast addresses
// (https://www.iana.org/assignments/ipv6-address-space). Outside of it are the forms that carry an IPv4 address and belong to whoever
// translates them: ::a.b.c.d (RFC 4291), ::ffff:0:a.b.c.d (RFC 2765), 64:ff9b:: (RFC 6052, 8215).
var allocated = netip.MustParsePrefix("2000::/3")

func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("") // ::ffff:a.b.c.d is a.b.c.d (RFC 4291 2.5.5.2)
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && (!allocated.Contains(a) || isISATAP(a)) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// isISATAP says whether an address ends in ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d: a tunnel to that IPv4 address, in any network
// (RFC 5214 6.1).
func isISATAP(a netip.Addr) bool {
	b := a.As16()
	return b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// isDeliverable says whether an address has the form of one that events are posted to. What it leads to is checked when
// it is connected to.
func isDeliverable(address string, plain bool) bool {
	u, err := url.Parse(address)
	return err == nil && u.Hostname() != "" && u.User == nil && (u.Scheme == "https" || plain && u.Scheme == "http")
}

// webhookClient makes requests to public addresses only (plain: to any), follows nothing, and uses no proxy, which
// would connect in its place.
func webhookClient(timeout time.Duration, plain bool) *http.Client {
	dialer := &net.Dialer{Timeout: timeout / 2}
	if !plain {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			a, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("worker: %q is no address: %w", address, err)
			}
			if !isPublic(a.Addr()) {
				return errNotPublic
			}
			return nil
		}
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: timeout / 2,
			MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 16 << 10,
		},
	}
}
