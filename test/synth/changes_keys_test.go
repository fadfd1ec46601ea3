package synth_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/config/workload"
)

// clientKey is a key of a client file that has a value: everything but groups of keys.
type clientKey struct {
	path string // items of a list have "[]"
	kind reflect.Type
	// bounds of the value, and of the items of a list.
	bounds, items config.Key
}

// keysOf are all keys that a client of a kind of workload may set: config.Paths() and
// the workload's own.
func keysOf(t *testing.T, kind string) []clientKey {
	t.Helper()
	settings := workload.Kinds()[kind]()
	known := map[string]config.Key{}
	for _, k := range append(config.Keys(), settings.Keys()...) {
		known[k.Path] = k
	}
	var keys []clientKey
	add := func(path string, of reflect.Type) {
		keys = append(keys, clientKey{path, of, known[path], known[path+"[]"]})
	}
	types := map[string]reflect.Type{}
	walkKeys("", reflect.TypeFor[config.Client](), func(path string, of reflect.Type) {
		types[path] = of
		add(path, of)
	})
	for _, path := range config.Paths() { // groups of keys have no value of their own
		_, leaf := types[path]
		group := !leaf
		for child := range types {
			group = group && !strings.HasPrefix(path, child)
		}
		require.True(t, leaf || group, "%s is not walked", path)
	}
	walkKeys("workload", reflect.TypeOf(settings).Elem(), add)
	for i, k := range keys {
		if k.path == "workload" {
			keys[i].bounds.OneOf = workload.Names()
		}
	}
	return keys
}

// walkKeys calls each for every key below a struct that has a value.
func walkKeys(path string, of reflect.Type, each func(path string, of reflect.Type)) {
	for i := range of.NumField() {
		field := of.Field(i)
		name := field.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		child := strings.TrimPrefix(path+"."+name, ".")
		switch {
		case field.Type == reflect.TypeFor[config.Workload]():
			each(child, reflect.TypeFor[string]())
		case field.Type.Kind() == reflect.Struct:
			walkKeys(child, field.Type, each)
		case field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct:
			each(child, field.Type)
			walkKeys(child+"[]", field.Type.Elem(), each)
		default:
			each(child, field.Type)
		}
	}
}

// present is the value that a key has for a client: what the file states, else what the
// plan says under the same path, else the default. nil where there is none.
func present(t *testing.T, f config.File, p plan.Plan, path string) any {
	t.Helper()
	if path == "workload" {
		return p.Workload
	}
	first := strings.ReplaceAll(path, "[]", "[0]")
	stated := plainByTag(reflect.ValueOf(f.Client))
	if strings.HasPrefix(path, "workload.") {
		stated = map[string]any{"workload": plain(t, p.Settings)}
	}
	if value := valueAt(stated, first); !empty(value) {
		return value
	}
	var decided any
	require.NoError(t, json.Unmarshal([]byte(text(t, p)), &decided))
	if value := valueAt(decided, first); !empty(value) {
		return value
	}
	return valueAt(stated, first)
}

// plainByTag is a struct as decoded JSON with the names that client files use.
func plainByTag(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Struct:
		fields := map[string]any{}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Tag.Get("yaml"); name != "-" && name != "" {
				fields[name] = plainByTag(v.Field(i))
			}
		}
		return fields
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, plainByTag(v.Index(i)))
		}
		return list
	case reflect.Map:
		fields := map[string]any{}
		for _, key := range v.MapKeys() {
			fields[key.String()] = plainByTag(v.MapIndex(key))
		}
		return fields
	case reflect.Int:
		return float64(v.Int())
	default:
		return v.Interface()
	}
}

// valueAt follows a path with dots and [0] into decoded JSON.
func valueAt(value any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		name, item := strings.CutSuffix(step, "[0]")
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[name]
		if list, isList := value.([]any); item {
			if !isList || len(list) == 0 {
				return nil
			}
			value = list[0]
		}
	}
	return value
}

// empty says whether a value is that of a key that follows from others.
func empty(value any) bool {
	if value == nil || value == "" || value == float64(0) {
		return true
	}
	list, ok := value.([]any)
	return ok && len(list) == 0
}
