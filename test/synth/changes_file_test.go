package synth_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/config/workload"
)

// edit sets a key of a client file, or removes it where the value is nil.
type edit struct {
	path  string
	value any
}

// document is a client file as decoded YAML.
type document map[string]any

func readDocument(t *testing.T, name string) document {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(referenceClients, name+".yaml"))
	require.NoError(t, err)
	return parseDocument(t, content)
}

func parseDocument(t *testing.T, content []byte) document {
	t.Helper()
	d := map[string]any{} // not a document, or all that is nested would be one
	require.NoError(t, yaml.Unmarshal(content, &d))
	if kind, ok := d["workload"].(string); ok {
		d["workload"] = map[string]any{"kind": kind}
	}
	return document(d)
}

// edited is a copy of the document with edits.
func (d document) edited(t *testing.T, edits ...edit) document {
	t.Helper()
	content, err := yaml.Marshal(map[string]any(d))
	require.NoError(t, err)
	next := parseDocument(t, content)
	for _, e := range edits {
		path := strings.ReplaceAll(e.path, "[]", "[0]")
		if path == "workload" {
			path = "workload.kind"
		}
		set(map[string]any(next), strings.Split(path, "."), e.value)
	}
	return next
}

// set follows steps, making what is not there, and sets the last.
func set(into map[string]any, steps []string, value any) {
	name, item := strings.CutSuffix(steps[0], "[0]")
	switch {
	case len(steps) == 1 && value == nil:
		delete(into, name)
	case len(steps) == 1:
		into[name] = value
	case item:
		list, _ := into[name].([]any)
		if len(list) == 0 {
			list = []any{map[string]any{}}
			into[name] = list
		}
		first, _ := list[0].(map[string]any)
		set(first, steps[1:], value)
	default:
		below, ok := into[name].(map[string]any)
		if !ok {
			below = map[string]any{}
			into[name] = below
		}
		set(below, steps[1:], value)
	}
}

// resolved is the plan of a document. Weakenings get the reason that they need; reasons
// that excuse nothing any more go.
func (d document) resolved(t *testing.T) (config.File, plan.Plan, config.Problems) {
	t.Helper()
	f, problems := d.parsed(t)
	weak := map[string]bool{}
	reasons := map[string]any{}
	for _, w := range config.Weakenings(f) {
		weak[w.Path] = true
		reasons[w.Path] = w.Reason
		if w.Reason == "" {
			reasons[w.Path] = "the change matrix changes every key"
		}
	}
	for path, reason := range f.Client.Reasons {
		if !weak[path] && !slices.Contains(config.WeakenablePaths(), path) {
			reasons[path] = reason // a wrong one stays, and is refused
		}
	}
	if len(problems) > 0 {
		set(map[string]any(d), []string{"reasons"}, reasons)
		f, problems = d.parsed(t)
	}
	if len(problems) > 0 {
		return f, plan.Plan{}, problems
	}
	p, problems := plan.Resolve(f)
	return f, p, problems
}

func (d document) parsed(t *testing.T) (config.File, config.Problems) {
	t.Helper()
	content := bytes.Buffer{}
	encoder := yaml.NewEncoder(&content)
	require.NoError(t, encoder.Encode(map[string]any(d)))
	return config.Parse(fmt.Sprint(d["name"])+".yaml", content.Bytes())
}

// requiredIn are the required keys of the items of a list, in any kind of workload.
func requiredIn(list string) []config.Key {
	all := config.Keys()
	for _, kind := range workload.Names() {
		all = append(all, workload.Kinds()[kind]().Keys()...)
	}
	var found []config.Key
	for _, k := range all {
		below, inside := strings.CutPrefix(k.Path, list+"[].")
		seen := slices.ContainsFunc(found, func(f config.Key) bool { return f.Path == k.Path })
		if inside && k.Required && !seen && !strings.ContainsAny(below, ".[") {
			found = append(found, k)
		}
	}
	return found
}

func sortedKeysOf(fields map[string]any) []string { return slices.Sorted(maps.Keys(fields)) }
