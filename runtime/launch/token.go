package launch

import (
	"time"

	"github.com/lectern/lectern/runtime/fault"
)

var errTODO = fault.New(fault.Unavailable, "not there yet")

// Keys signs and checks links, sessions and grants, each under a key of its own derived from the engine's signing secret.
// After a rotation what the previous secret signed stays valid until it expires.
type Keys struct{}

// NewKeys derives the keys. current and previous are secrets of at least 32 bytes; previous may be empty.
func NewKeys(current, previous []byte) (*Keys, error) { return &Keys{}, errTODO }

// Session is what a session token says.
type Session struct {
	LaunchID  string
	TenantID  string
	AttemptID string // "" in a preview
	Fence     int64
	Mode      Mode
	ExpiresAt time.Time
}

// SignLink makes the token of a launch link; CheckLink gives back what it is for, or fault.Gone if it has expired, or
// fault.Unauthorized.
func (k *Keys) SignLink(tenantID, launchID string, expires time.Time) string { return "" }
func (k *Keys) CheckLink(token string, now time.Time) (tenantID, launchID string, err error) {
	return "", "", errTODO
}

// SignSession makes a session token. CheckSession accepts one until ExpiresAt; CheckLateSession for LateCommits more.
func (k *Keys) SignSession(s Session) string                              { return "" }
func (k *Keys) CheckSession(token string, now time.Time) (Session, error) { return Session{}, errTODO }
func (k *Keys) CheckLateSession(token string, now time.Time) (Session, error) {
	return Session{}, errTODO
}

// SignGrant makes the first segment of content URLs: /content/GRANT/TENANT/CONTENT/path. The edge checks the same.
func (k *Keys) SignGrant(tenantID, contentID string, expires time.Time) string { return "" }

// CheckGrant is nil, fault.Gone or fault.Unauthorized.
func (k *Keys) CheckGrant(grant, tenantID, contentID string, now time.Time) error { return errTODO }

// GrantKeys are the keys of grants by their ids, for the edge: the present one first.
func (k *Keys) GrantKeys() []GrantKey { return nil }

// GrantKey is a key that the edge knows too. Secret: it goes into the edge's key-value store and nowhere else.
type GrantKey struct {
	ID    string // as in a grant
	Value string // hex
}

// WebhookSecret is the secret that deliveries to a webhook are signed with, derived from the engine's secret.
func (k *Keys) WebhookSecret(webhookID string, version int) []byte { return nil }
