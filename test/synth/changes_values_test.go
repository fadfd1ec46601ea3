package synth_test

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lectern/lectern/config"
)

// choice is a value that a key is changed to, and which way that goes: of each way one
// is tried.
type choice struct {
	way   string
	value any // nil removes the key
}

// choices are other values for a key, those of a way from the likeliest on. They come
// from what is known of the key: its type, its bounds, its example and its present value.
func choices(k clientKey, now any) []choice {
	switch k.kind.Kind() {
	case reflect.Bool:
		return []choice{{"other", now != true}}
	case reflect.Int:
		return numbers(k.bounds, now, true)
	case reflect.Float64:
		return numbers(k.bounds, now, false)
	case reflect.Slice:
		return lists(k, now)
	case reflect.Map:
		return mappings(now)
	default:
		return texts(k.bounds, now)
	}
}

// numbers go up and down.
func numbers(k config.Key, now any, whole bool) []choice {
	value, _ := now.(float64)
	if len(k.Numbers) > 0 {
		return neighbours(k.Numbers, slices.Index(k.Numbers, int(value)))
	}
	step := math.Max(k.Step, 1)
	if !whole && k.Step > 0 {
		step = k.Step
	}
	var found []choice
	for _, c := range []choice{
		{"up", value * 2}, {"up", value + 10*step}, {"up", value + step}, {"up", k.Min + step},
		{"down", math.Floor(value/2/step) * step}, {"down", value - step}, {"down", k.Min},
	} {
		next := c.value.(float64)
		bounded := k.Max <= k.Min || next >= k.Min && next <= k.Max
		if bounded && next >= 0 && next != value && (c.way == "up") == (next > value) {
			found = append(found, choice{c.way, number(next, whole)})
		}
	}
	return found
}

func number(value float64, whole bool) any {
	if whole {
		return int(value)
	}
	return value
}

// neighbours of a place in a list of values in order.
func neighbours[T any](values []T, i int) []choice {
	var found []choice
	if i >= 0 && i+1 < len(values) {
		found = append(found, choice{"up", values[i+1]})
	}
	if i > 0 {
		found = append(found, choice{"down", values[i-1]})
	}
	if i < 0 && len(values) > 0 {
		found = append(found, choice{"up", values[0]})
	}
	return found
}

// texts are all of a few, else the example and what is a little different.
func texts(k config.Key, now any) []choice {
	value, _ := now.(string)
	if len(k.OneOf) > 0 {
		const few = 5
		if len(k.OneOf) > few {
			return neighbours(k.OneOf, slices.Index(k.OneOf, value))
		}
		var found []choice
		for _, other := range k.OneOf {
			if other != value {
				found = append(found, choice{other, other})
			}
		}
		return found
	}
	var found []choice
	for _, way := range []struct {
		name   string
		values []string
	}{
		{"other", []string{bump(value, -1, 1), value + "2", "x" + value, letterUp(value), strings.Trim(k.Example, `"`)}},
		{"first number up", []string{bump(value, 0, 1)}},
		{"last number down", []string{bump(value, -1, -1)}},
	} {
		if way.name != "other" && !versionLike.MatchString(value) {
			continue
		}
		if value == "" {
			way.values = []string{strings.Trim(k.Example, `"`)}
		}
		for _, other := range way.values {
			if other != "" && other != value && (k.Pattern == nil || k.Pattern.MatchString(other)) {
				found = append(found, choice{way.name, other})
			}
		}
	}
	if versionLike.MatchString(value) {
		// The example is an arbitrary version: only what lies near is of use.
		found = slices.DeleteFunc(found, func(c choice) bool { return c.value == strings.Trim(k.Example, `"`) })
	}
	return found
}

var (
	versionLike = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)
	digits      = regexp.MustCompile(`[0-9]+`)
)

// bump changes one number of a text: the first (0) or the last (-1).
func bump(value string, which, by int) string {
	all := digits.FindAllStringIndex(value, -1)
	if len(all) == 0 {
		return ""
	}
	at := all[0]
	if which < 0 {
		at = all[len(all)-1]
	}
	n, err := strconv.Atoi(value[at[0]:at[1]])
	if err != nil || n+by < 0 {
		return ""
	}
	changed := strconv.Itoa(n + by)
	if value[at[0]] == '0' {
		changed = strings.Repeat("0", max(0, at[1]-at[0]-len(changed))) + changed
	}
	return value[:at[0]] + changed + value[at[1]:]
}

// letterUp changes the last letter to the next one.
func letterUp(value string) string {
	for i := len(value) - 1; i >= 0; i-- {
		if value[i] >= 'a' && value[i] < 'z' {
			return value[:i] + string(value[i]+1) + value[i+1:]
		}
	}
	return ""
}

// lists get one more and one less.
func lists(k clientKey, now any) []choice {
	list, _ := now.([]any)
	var found []choice
	for _, item := range itemsFor(k, list) {
		found = append(found, choice{"more", append(slices.Clone(list), item)})
	}
	switch {
	case len(list) == 1:
		found = append(found, choice{"less", nil})
	case len(list) > 1:
		found = append(found, choice{"less", list[:len(list)-1]})
	}
	return found
}

// itemsFor are values that a list does not have yet.
func itemsFor(k clientKey, list []any) []any {
	if k.kind.Elem().Kind() == reflect.Struct {
		return []any{itemOf(k)}
	}
	if k.kind.Elem().Kind() == reflect.Int {
		return []any{8080, 80}
	}
	values := slices.Clone(k.items.OneOf)
	for _, item := range slices.Backward(list) {
		if s, ok := item.(string); ok {
			values = append(values, letterUp(s), bump(s, -1, 1), s+"2")
		}
	}
	values = append(values, strings.Trim(k.items.Example, `"`), "matrix")
	var found []any
	for _, value := range values {
		if value != "" && !slices.Contains(list, any(value)) {
			found = append(found, value)
		}
	}
	return found
}

// itemOf is an item of a list of groups: its required keys by their examples.
func itemOf(k clientKey) map[string]any {
	item := map[string]any{}
	for _, example := range requiredIn(k.path) {
		item[strings.TrimPrefix(example.Path, k.path+"[].")] = strings.Trim(example.Example, `"`)
	}
	return item
}

// mappings get a key more, another value, and a key less.
func mappings(now any) []choice {
	fields, _ := now.(map[string]any)
	with := func(key, value string) map[string]any {
		next := map[string]any{}
		for k, v := range fields {
			next[k] = v
		}
		next[key] = value
		return next
	}
	found := []choice{{"more", with("MATRIX", "one more")}}
	for _, key := range sortedKeysOf(fields) {
		value, _ := fields[key].(string)
		found = append(found, choice{"other", with(key, value+" changed")})
		if len(fields) == 1 {
			found = append(found, choice{"less", nil})
			continue
		}
		less := with(key, "")
		delete(less, key)
		found = append(found, choice{"less", less})
	}
	return found
}
