package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Key says which values one key of a file may have. The validator, the JSON
// schema and the reference page are all made from these, so that they agree.
type Key struct {
	// Path of the key; items of a list have "[]", for example loadBalancer.rules[].name.
	Path     string
	Required bool
	// Unit of a number in words, for example "GiB".
	Unit string
	// OneOf are all allowed texts, Numbers all allowed numbers.
	OneOf   []string
	Numbers []int
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
	// Unique marks a list without repetitions.
	Unique bool
	// Why explains a bound that does not explain itself.
	Why string
}

// Keys are the keys of a client file that have bounds.
func Keys() []Key { return slices.Clone(keys()) }

// keys are made once: compiling their patterns takes longer than reading a file.
var keys = sync.OnceValue(func() []Key {
	return slices.Concat(
		identityKeys(), domainKeys(), networkKeys(), edgeKeys(), loadBalancerKeys(), capacityKeys(),
		computeKeys(), databaseKeys(), cacheKeys(), storageKeys(), logKeys(),
	)
})

// text says what is wrong with a text; an empty found means nothing is.
func (k Key) text(value string) (found, fix string) {
	switch {
	case value == "" && len(k.OneOf) == 0 && k.Pattern == nil:
		return "the text is empty", "give it a value or remove the key"
	case len(k.OneOf) > 0 && !slices.Contains(k.OneOf, value):
		return fmt.Sprintf("%q is not %s", clip(value), k.noun()), k.choose(value)
	case k.Pattern != nil && !k.Pattern.MatchString(value):
		return fmt.Sprintf("%q is not %s", clip(value), k.noun()), "write for example " + k.Example
	}
	return "", ""
}

// number says what is wrong with a number; an empty found means nothing is.
func (k Key) number(value float64) (found, fix string) {
	switch {
	case len(k.Numbers) > 0 && !slices.Contains(k.Numbers, int(value)):
		return fmt.Sprintf("%s is not %s", format(value), k.noun()), "choose " + either(texts(k.Numbers))
	case k.Max > k.Min && (value < k.Min || value > k.Max):
		return fmt.Sprintf("%s is out of range", format(value)), fmt.Sprintf("choose a number%s from %s to %s%s", k.of(), format(k.Min), format(k.Max), k.why())
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
	found = fmt.Sprintf("the list has %d values", n)
	if n == 1 {
		found = "the list has 1 value"
	}
	return found, fmt.Sprintf("give %d to %d%s", k.MinItems, k.MaxItems, k.why())
}

func (k Key) why() string {
	if k.Why == "" {
		return ""
	}
	return ": " + k.Why
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

// choose lists the values when they fit on a line, else the one that was probably meant.
func (k Key) choose(value string) string {
	const line = 8
	if len(k.OneOf) == 1 {
		return fmt.Sprintf("write exactly %q", k.OneOf[0])
	}
	if len(k.OneOf) <= line {
		return "choose " + either(k.OneOf)
	}
	if near := Nearest(value, k.OneOf); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return fmt.Sprintf("choose %s, … (%d in all)", strings.Join(k.OneOf[:line], ", "), len(k.OneOf))
}

func texts(numbers []int) []string {
	var texts []string
	for _, number := range numbers {
		texts = append(texts, strconv.Itoa(number))
	}
	return texts
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
