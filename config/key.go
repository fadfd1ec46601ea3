package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Key says which values one key of a file may have. The validator, the JSON
// schema and the reference page are all made from these, so that they agree.
type Key struct {
	// Path of the key; items of a list have "[]", for example loadBalancer.rules[].name.
	Path     string
	Required bool
	// Unit of a number in words, for example "GiB".
	Unit string
	// OneOf are all allowed texts.
	OneOf []string
	// Min and Max bound a number, both included, when Max is above Min.
	Min, Max float64
	// Step is what a number must be a multiple of; 0 for any.
	Step float64
	// Pattern that a text must match, what that means in words ("a class"), and an example.
	Pattern *regexp.Regexp
	Noun    string
	Example string
	// MinItems and MaxItems bound the length of a list when MaxItems is above 0.
	MinItems, MaxItems int
	// Free marks a text that may be empty.
	Free bool
}

// Keys are the keys of a client file that have bounds.
func Keys() []Key {
	return slices.Concat(
		identityKeys(), domainKeys(), networkKeys(), edgeKeys(), loadBalancerKeys(), capacityKeys(),
		computeKeys(), databaseKeys(), cacheKeys(), storageKeys(), logsKeys(),
	)
}

// text says what is wrong with a text; an empty found means nothing is.
func (k Key) text(value string) (found, fix string) {
	switch {
	case len(k.OneOf) > 0 && !slices.Contains(k.OneOf, value):
		return fmt.Sprintf("%q is not %s", clip(value), k.noun()), k.choose(value)
	case k.Pattern != nil && !k.Pattern.MatchString(value):
		return fmt.Sprintf("%q is not %s", clip(value), k.noun()), "write for example " + k.Example
	case value == "" && !k.Free:
		return "the text is empty", "give it a value or remove the key"
	}
	return "", ""
}

// number says what is wrong with a number; an empty found means nothing is.
func (k Key) number(value float64) (found, fix string) {
	switch {
	case k.Max > k.Min && (value < k.Min || value > k.Max):
		return fmt.Sprintf("%s is out of range", format(value)), fmt.Sprintf("choose a number%s from %s to %s", k.of(), format(k.Min), format(k.Max))
	case k.Step > 0 && value/k.Step != float64(int64(value/k.Step)):
		return fmt.Sprintf("%s is not a multiple of %s", format(value), format(k.Step)), fmt.Sprintf("choose %s or %s", format(float64(int64(value/k.Step))*k.Step), format(float64(int64(value/k.Step)+1)*k.Step))
	}
	return "", ""
}

// length says what is wrong with the length of a list.
func (k Key) length(n int) (found, fix string) {
	if k.MaxItems == 0 || n >= k.MinItems && n <= k.MaxItems {
		return "", ""
	}
	return fmt.Sprintf("the list has %d of %d to %d values", n, k.MinItems, k.MaxItems), "add or remove some"
}

func (k Key) noun() string {
	if k.Noun != "" {
		return k.Noun
	}
	return "one of the values"
}

func (k Key) of() string {
	if k.Unit == "" {
		return ""
	}
	return " of " + k.Unit
}

// choose lists the values when they fit on a line, the nearest first.
func (k Key) choose(value string) string {
	const line = 8
	near := nearest(value, k.OneOf)
	switch {
	case near != "":
		return fmt.Sprintf("did you mean %s?", near)
	case len(k.OneOf) > line:
		return fmt.Sprintf("choose %s, … (%d in all)", strings.Join(k.OneOf[:line], ", "), len(k.OneOf))
	}
	return "choose " + either(k.OneOf)
}

// either is "a", "a or b", "a, b or c".
func either(values []string) string {
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

// format is a number without needless digits.
func format(value float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", value), "0"), ".")
}

// clip keeps a message readable when a value is not.
func clip(value string) string {
	const limit = 60
	if runes := []rune(value); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return value
}
