package launch

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// purposeOrigin begins what the name of a course's player is made of.
const purposeOrigin = "player-origin/v1"

// labelSize is the length of a player's name in characters of base32: 130 bits, so nobody meets another's by chance.
const labelSize = 26

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Players says at which origin each course is played. Courses distrust each other, and a browser keeps apart what has
// different origins and nothing else: so each course of each tenant has a name of its own, which all its versions share.
type Players struct {
	scheme string
	host   string // of the pattern, with a port that is not the scheme's own; what is behind "*." where there are many names
	many   bool   // a name for each course
}

// NewPlayers reads the patterns of contract.Config. playerURL is scheme and host; a first label "*" stands for one name for
// each course of each tenant, and without it there is one name for all, and so one tenant. publicURL is where the console is,
// which no player's name may be. The error names the key of the configuration and what would do.
func NewPlayers(playerURL, publicURL string) (Players, error) {
	if playerURL == "" {
		return Players{}, fmt.Errorf("playerUrl: is missing; players have an origin of their own, e.g. https://*.play.learn.example.com")
	}
	u, err := url.Parse(playerURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return Players{}, fmt.Errorf("playerUrl: %q must be a scheme and a host, e.g. https://*.play.learn.example.com", playerURL)
	}
	host, many := strings.CutPrefix(asSent(u), "*.")
	if host == "" || strings.Contains(host, "*") {
		return Players{}, fmt.Errorf("playerUrl: %q may have one *, as the whole first label: https://*.play.learn.example.com", playerURL)
	}
	p := Players{scheme: u.Scheme, host: host, many: many}
	public, err := url.Parse(publicURL)
	if err != nil || public.Hostname() == "" {
		return Players{}, fmt.Errorf("publicUrl: %q must be a scheme and a host, e.g. https://learn.example.com", publicURL)
	}
	if p.IsHost(public.Host) {
		return Players{}, fmt.Errorf("playerUrl: %q is where publicUrl is, %s; give players a name that the console does not have, e.g. https://*.play.%s", playerURL, publicURL, public.Hostname())
	}
	return p, nil
}

// ownPorts are those that browsers leave out.
var ownPorts = map[string]string{"http": "80", "https": "443"}

// asSent is the host as browsers send it in the Host header: in lower case, with the port unless it is the scheme's own.
func asSent(u *url.URL) string {
	if port := u.Port(); port != "" && port != ownPorts[u.Scheme] {
		return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
	}
	return strings.ToLower(u.Hostname())
}

// Many says whether each course has a name of its own. Where it has not, one tenant is all there may be.
func (p Players) Many() bool { return p.many }

// Host is where a course is played, as browsers send it in the Host header.
func (p Players) Host(tenantID, courseID string) string {
	if !p.many {
		return p.host
	}
	sum := sha256.Sum256([]byte(purposeOrigin + "\n" + tenantID + "\n" + courseID))
	return lowerBase32.EncodeToString(sum[:])[:labelSize] + "." + p.host
}

// Link is the address that opens a launch of a course.
func (p Players) Link(tenantID, courseID, token string) string {
	return p.scheme + "://" + p.Host(tenantID, courseID) + "/launch/" + token
}

// IsHost says whether a Host header is that of a player, of whatever course. Names below the pattern that no course has are
// players' too: no page of the console is ever shown there. Ports do not count, as they do not keep cookies apart.
func (p Players) IsHost(host string) bool {
	name, own := nameOf(host), nameOf(p.host)
	return name == own || p.many && strings.HasSuffix(name, "."+own)
}

// nameOf is a host without its port and the dot of the root, in lower case.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
