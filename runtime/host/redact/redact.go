// Package redact takes secrets out of what commands print, before it reaches a log or a record.
package redact

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/contract"
)

const (
	// Hidden is what stands where a secret was.
	Hidden = "[secret]"
	// shortest is a text that is worth hiding, in bytes: hiding shorter ones would hide much else.
	shortest = 6
)

// Secrets are the texts to hide. The zero value hides nothing.
type Secrets struct{ texts []string } // the longest first: one may be a part of another

// Add adds a text.
func (s *Secrets) Add(text string) {
	if len(text) < shortest || slices.Contains(s.texts, text) {
		return
	}
	s.texts = append(s.texts, text)
	slices.SortFunc(s.texts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// AddVariables adds the values of those variables that a recipe makes from secrets.
func (s *Secrets) AddVariables(variables []contract.Variable, values map[string]string) {
	for _, v := range variables {
		if strings.Contains(v.Value, "secret ") {
			s.Add(values[v.Name])
		}
	}
}

// Hide takes the secrets out of a text.
func (s *Secrets) Hide(text string) string {
	for _, secret := range s.texts {
		text = strings.ReplaceAll(text, secret, Hidden)
	}
	return text
}
