// Package tenant is the isolated customers inside one environment, and the keys their systems use.
package tenant

import (
	"regexp"
	"time"
)

// Tenant is one isolated customer.
type Tenant struct {
	ID        string    `json:"id"` // chosen by the operator: see ValidID
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"createdAt"`
}

var slug = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// ValidID says whether id may name a tenant: 1 to 40 of a–z, 0–9 and inner hyphens, since it is a segment of URLs and of keys in the object store.
func ValidID(id string) bool { return slug.MatchString(id) }

// Key is a key of the API. Its secret is shown once, when it is made; only its hash is kept.
type Key struct {
	ID         string     `json:"id"`
	TenantID   string     `json:"-"`
	Name       string     `json:"name"` // what uses it, for people
	Scopes     []Scope    `json:"scopes"`
	CreatedAt  time.Time  `json:"createdAt"`
	ExpiresAt  *time.Time `json:"expiresAt,omitempty"` // nil: never
	RevokedAt  *time.Time `json:"revokedAt,omitempty"`
	LastUsedAt *time.Time `json:"lastUsedAt,omitempty"` // to about a minute
}
