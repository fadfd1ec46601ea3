package launch

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync/atomic"
)

// SecretSize is how many bytes a signing secret has at least.
const SecretSize = 32

// What keys are for. Each purpose has a key of its own, so a token of one purpose says nothing to another. A change
// of the format behind a purpose gets a new name.
const (
	purposeLink    = "launch-link/v1"
	purposeSession = "launch-session/v1"
	purposeCommit  = "launch-commit/v1"
	purposeGrant   = "content-grant/v2"
	purposeWebhook = "webhook/v1"
)

const keySize = sha256.Size

// Keys signs and checks links, sessions and grants, each under a key of its own derived from the engine's signing secret.
// After a rotation what the previous secret signed stays valid until it expires. Safe for concurrent use.
type Keys struct{ rings atomic.Pointer[keyRings] }

type keyRings struct {
	secret                           []byte // what signs: webhooks' secrets are derived on demand
	links, sessions, commits, grants keyRing
}

// NewKeys derives the keys. current and previous are secrets of at least 32 bytes; previous may be empty.
func NewKeys(current, previous []byte) (*Keys, error) {
	if len(current) < SecretSize {
		return nil, fmt.Errorf("derive signing keys: the secret has %d bytes; %d or more would do", len(current), SecretSize)
	}
	secrets := [][]byte{append([]byte(nil), current...)}
	if len(previous) > 0 {
		if len(previous) < SecretSize {
			return nil, fmt.Errorf("derive signing keys: the previous secret has %d bytes; %d or more would do, or none", len(previous), SecretSize)
		}
		secrets = append(secrets, previous)
	}
	k := &Keys{}
	k.rings.Store(&keyRings{
		secret:   secrets[0],
		links:    newKeyRing(purposeLink, secrets),
		sessions: newKeyRing(purposeSession, secrets),
		commits:  newKeyRing(purposeCommit, secrets),
		grants:   newKeyRing(purposeGrant, secrets),
	})
	return k, nil
}

// Replace makes k sign and check as other does: the way for a rotation to reach those who hold k.
func (k *Keys) Replace(other *Keys) { k.rings.Store(other.rings.Load()) }

// GrantKey is a key that the edge knows too. Secret: it goes into the edge's key-value store and nowhere else.
type GrantKey struct {
	ID    string // as in a grant
	Value string // hex
}

// GrantKeys are the keys of grants by their ids, for the edge: the present one first.
func (k *Keys) GrantKeys() []GrantKey {
	var keys []GrantKey
	for _, key := range k.rings.Load().grants {
		keys = append(keys, GrantKey{ID: key.id, Value: hex.EncodeToString(key.value)})
	}
	return keys
}

// WebhookSecret is the secret that deliveries to a webhook are signed with, derived from the engine's present secret:
// 32 bytes, another one for each version. It changes when the engine's secret is rotated.
func (k *Keys) WebhookSecret(webhookID string, version int) []byte {
	return derive(k.rings.Load().secret, purposeWebhook+"\n"+webhookID+"\n"+strconv.Itoa(version))
}

// keyRing is the keys of one purpose: the present one, which signs, and the previous one if there is any.
type keyRing []signingKey

type signingKey struct {
	id    string // names the key in what it signed: 8 hex digits of its hash
	value []byte
}

func newKeyRing(purpose string, secrets [][]byte) keyRing {
	var ring keyRing
	for _, secret := range secrets {
		value := derive(secret, purpose)
		hash := sha256.Sum256(value)
		key := signingKey{id: hex.EncodeToString(hash[:4]), value: value}
		if _, known := ring.find(key.id); !known { // known: both secrets are the same
			ring = append(ring, key)
		}
	}
	return ring
}

func (r keyRing) find(id string) (signingKey, bool) {
	for _, key := range r {
		if key.id == id {
			return key, true
		}
	}
	return signingKey{}, false
}

// derive is HKDF-SHA256 (RFC 5869) without salt: the secret is uniformly random.
func derive(secret []byte, info string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "lectern "+info, keySize)
	if err != nil {
		panic("launch: hkdf: " + err.Error()) // only for sizes over 8,160 bytes, or a short secret in FIPS mode
	}
	return key
}
