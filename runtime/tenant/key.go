package tenant

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"
)

// A key reads lk_ID_SECRET: the id is the key's UUID as 32 hexadecimal digits, so that it can be looked up, and the secret is
// 32 random bytes as 64 more. Only the SHA-256 of the secret is kept; it needs no salt or stretching, since it is no
// password that anybody could guess.
const (
	keyPrefix   = "lk_"
	idDigits    = 32
	secretBytes = 32
)

// NewKey makes a key, the text that its user has to keep, and the hash that is stored. expires may be nil.
func NewKey(tenantID, name string, scopes []Scope, now time.Time, expires *time.Time) (k Key, text string, hash []byte) {
	var secret [secretBytes]byte
	_, _ = rand.Read(secret[:]) // never fails: see crypto/rand
	id := uuid.Must(uuid.NewV7())
	sum := sha256.Sum256(secret[:])
	k = Key{ID: id.String(), TenantID: tenantID, Name: name, Scopes: scopes, CreatedAt: now.UTC(), ExpiresAt: expires}
	return k, keyPrefix + hex.EncodeToString(id[:]) + "_" + hex.EncodeToString(secret[:]), sum[:]
}

// ParseKey reads the text of a key. ok is false for anything that NewKey cannot have made.
func ParseKey(text string) (id string, hash []byte, ok bool) {
	rest, found := strings.CutPrefix(text, keyPrefix)
	if !found || len(rest) != idDigits+1+2*secretBytes || rest[idDigits] != '_' || strings.ToLower(rest) != rest {
		return "", nil, false
	}
	u, err := uuid.Parse(rest[:idDigits])
	if err != nil {
		return "", nil, false
	}
	secret, err := hex.DecodeString(rest[idDigits+1:])
	if err != nil {
		return "", nil, false
	}
	sum := sha256.Sum256(secret)
	return u.String(), sum[:], true
}
