package launch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/fault"
)

// A token is PAYLOAD.EXPIRY.KEY.MAC, all of it fit for a URL:
//
//	PAYLOAD  base64url of a JSON list of strings
//	EXPIRY   Unix seconds, base 36
//	KEY      id of the key, 8 hex digits
//	MAC      base64url of HMAC-SHA256(key, purpose "\n" PAYLOAD "\n" EXPIRY)
//
// A grant has no payload: what it is for stands in the Host header and in the path behind it, and its MAC covers both.

// Session is what a session token says.
type Session struct {
	LaunchID  string
	TenantID  string
	AttemptID string // "" in a preview
	Fence     int64
	Mode      Mode
	ExpiresAt time.Time // kept to the second
}

// SignLink makes the token of a launch link. Under 300 characters for ids of up to 63.
func (k *Keys) SignLink(tenantID, launchID string, expires time.Time) string {
	return k.rings.Load().links.sign(purposeLink, expires, tenantID, launchID)
}

// CheckLink gives back what a link is for, or fault.Gone if it has expired, or fault.Unauthorized.
func (k *Keys) CheckLink(token string, now time.Time) (tenantID, launchID string, err error) {
	fields, _, err := k.rings.Load().links.check(purposeLink, token, 2, now, 0)
	if err != nil {
		return "", "", refuse(err, "link", "open the course again from where the link came from")
	}
	return fields[0], fields[1], nil
}

// SignSession makes a session token.
func (k *Keys) SignSession(s Session) string {
	return k.rings.Load().sessions.sign(purposeSession, s.ExpiresAt, s.fields()...)
}

// CheckSession accepts a session token until ExpiresAt; the error is fault.Gone after that, else fault.Unauthorized.
func (k *Keys) CheckSession(token string, now time.Time) (Session, error) {
	return checkSession(k.rings.Load().sessions, purposeSession, token, now, 0)
}

// SignCommit makes a token that is good for commits of this launch and for nothing else. It is what waits in a browser
// beside work that is undelivered, where the course of a later launch can read it.
func (k *Keys) SignCommit(s Session) string {
	return k.rings.Load().commits.sign(purposeCommit, s.ExpiresAt, s.fields()...)
}

// CheckCommit accepts a token of SignCommit or SignSession, for LateCommits more than CheckSession.
func (k *Keys) CheckCommit(token string, now time.Time) (Session, error) {
	rings := k.rings.Load()
	s, err := checkSession(rings.commits, purposeCommit, token, now, LateCommits)
	if fault.Is(err, fault.Unauthorized) {
		s, err = checkSession(rings.sessions, purposeSession, token, now, LateCommits)
	}
	return s, err
}

func (s Session) fields() []string {
	return []string{s.LaunchID, s.TenantID, s.AttemptID, strconv.FormatInt(s.Fence, 36), string(s.Mode)}
}

func checkSession(ring keyRing, purpose, token string, now time.Time, late time.Duration) (Session, error) {
	fields, expires, err := ring.check(purpose, token, 5, now, late)
	var fence int64
	if err == nil {
		fence, err = strconv.ParseInt(fields[3], 36, 64)
	}
	if err != nil {
		return Session{}, refuse(err, "session", "launch the course again")
	}
	return Session{
		LaunchID: fields[0], TenantID: fields[1], AttemptID: fields[2], Fence: fence, Mode: Mode(fields[4]), ExpiresAt: expires,
	}, nil
}

// SignGrant makes the first segment of content URLs: /content/GRANT/TENANT/CONTENT/path. It opens them at one host only,
// given as browsers send it (see Players.Host). The edge checks the same.
func (k *Keys) SignGrant(host, tenantID, contentID string, expires time.Time) string {
	expiry := formatExpiry(expires)
	key := k.rings.Load().grants[0]
	return expiry + "." + key.id + "." + key.mac(purposeGrant, host, tenantID, contentID, expiry)
}

// CheckGrant is nil, fault.Gone or fault.Unauthorized. host is the Host header, in whatever case.
func (k *Keys) CheckGrant(grant, host, tenantID, contentID string, now time.Time) error {
	err := k.checkGrant(grant, strings.ToLower(host), tenantID, contentID, now)
	if err != nil {
		return refuse(err, "content address", "launch the course again")
	}
	return nil
}

func (k *Keys) checkGrant(grant, host, tenantID, contentID string, now time.Time) error {
	parts := strings.Split(grant, ".")
	if len(parts) != 3 {
		return errForged
	}
	key, ok := k.rings.Load().grants.find(parts[1])
	if !ok || host == "" || !same(parts[2], key.mac(purposeGrant, host, tenantID, contentID, parts[0])) {
		return errForged
	}
	_, err := live(parts[0], now, 0)
	return err
}

var (
	errForged  = errors.New("not signed with a key of ours")
	errExpired = errors.New("expired")
)

// refuse says what is wrong as a fault. It tells a forger nothing about what exactly did not fit.
func refuse(err error, what, remedy string) error {
	if errors.Is(err, errExpired) {
		return fault.New(fault.Gone, "This %s has expired; %s.", what, remedy)
	}
	return fault.New(fault.Unauthorized, "This %s is not valid; %s.", what, remedy)
}

func (r keyRing) sign(purpose string, expires time.Time, fields ...string) string {
	list, err := json.Marshal(fields)
	if err != nil {
		panic("launch: encode token: " + err.Error()) // strings always encode
	}
	payload, expiry, key := base64.RawURLEncoding.EncodeToString(list), formatExpiry(expires), r[0]
	return payload + "." + expiry + "." + key.id + "." + key.mac(purpose, payload, expiry)
}

// check gives back the fields of a token that was signed for this purpose and is not older than its expiry plus late.
func (r keyRing) check(purpose, token string, count int, now time.Time, late time.Duration) ([]string, time.Time, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 4 {
		return nil, time.Time{}, errForged
	}
	key, ok := r.find(parts[2])
	if !ok || !same(parts[3], key.mac(purpose, parts[0], parts[1])) {
		return nil, time.Time{}, errForged
	}
	expires, err := live(parts[1], now, late)
	if err != nil {
		return nil, time.Time{}, err
	}
	list, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return nil, time.Time{}, errForged
	}
	var fields []string
	if err := json.Unmarshal(list, &fields); err != nil || len(fields) != count {
		return nil, time.Time{}, errForged
	}
	return fields, expires, nil
}

// mac is what a token ends with, as text: tokens are compared as text, so no second spelling of a MAC passes.
func (k signingKey) mac(lines ...string) string {
	h := hmac.New(sha256.New, k.value)
	h.Write([]byte(strings.Join(lines, "\n")))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func same(given, want string) bool { return hmac.Equal([]byte(given), []byte(want)) }

func formatExpiry(t time.Time) string { return strconv.FormatInt(t.Unix(), 36) }

// live reads an expiry that a MAC has vouched for. At its second a token is over.
func live(expiry string, now time.Time, late time.Duration) (time.Time, error) {
	seconds, err := strconv.ParseInt(expiry, 36, 64)
	if err != nil {
		return time.Time{}, errForged
	}
	expires := time.Unix(seconds, 0).UTC()
	if !now.Before(expires.Add(late)) {
		return time.Time{}, errExpired
	}
	return expires, nil
}
