package tenant

import (
	"slices"
	"strings"
	"time"
)

// Scope is something a key may do.
type Scope string

// Scopes; see Scopes for what each lets a key do.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeKeys  Scope = "keys"
	ScopeErase Scope = "erase"
)

// ScopeText says what a scope lets a key do, for people.
type ScopeText struct {
	Scope Scope
	May   string
}

// Scopes are all there are, in the order in which people are told of them. None includes another.
func Scopes() []ScopeText {
	return []ScopeText{
		{ScopeRead, "read everything of the tenant but its keys, learners' data and their exports included"},
		{ScopeWrite, "import courses, register learners, make attempts, launches and webhooks, and change what can be changed"},
		{ScopeKeys, "list keys, make and rotate keys that may no more than this one, and revoke any key of the tenant"},
		{ScopeErase, "delete courses, versions, registrations, attempts and learners, read the receipts, and set how long data is kept"},
	}
}

// AllScopes are the names of Scopes.
func AllScopes() []Scope {
	var all []Scope
	for _, s := range Scopes() {
		all = append(all, s.Scope)
	}
	return all
}

// JoinScopes writes scopes for people: read, write.
func JoinScopes(list []Scope) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// May says whether the key has a scope.
func (k *Key) May(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Lacks are those of the scopes that the key does not have: it may not put them into anybody's hands either.
func (k *Key) Lacks(scopes []Scope) []Scope {
	var lacking []Scope
	for _, s := range scopes {
		if !k.May(s) {
			lacking = append(lacking, s)
		}
	}
	return lacking
}

// Outlasts says whether a key that ends at this time (nil: never) ends no later than this one, to the microsecond that the
// database keeps.
func (k *Key) Outlasts(end *time.Time) bool {
	return k.ExpiresAt == nil || end != nil && !end.Truncate(time.Microsecond).After(*k.ExpiresAt)
}
