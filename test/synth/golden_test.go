package synth_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks/change"
)

var update = flag.Bool("update", false, "rewrite the golden templates and deltas (not the ledger)")

// TestGoldenTemplates compares every stack of every reference client with its golden,
// resource by resource. `go test ./test/synth -run Golden -update` rewrites them.
func TestGoldenTemplates(t *testing.T) {
	written := map[string]bool{}
	for _, p := range referencePlans(t) {
		e := build(t, p)
		for kind, got := range e.templates {
			path := filepath.Join("testdata", "golden", p.Client+"-"+kind+".json")
			written[path] = true
			if *update {
				writeJSON(t, path, got)
				continue
			}
			var want stackTemplate
			readJSON(t, path, &want)
			for _, line := range difference(t, want, got) {
				t.Errorf("%s: %s", path, line)
			}
		}
	}
	all, err := filepath.Glob("testdata/golden/*.json")
	require.NoError(t, err)
	for _, path := range all {
		require.True(t, written[path], "%s belongs to no stack any more: remove it", path)
	}
}

// TestGoldenFeatures synthesizes client files that differ from a reference client in
// one feature, and compares only what that changes: testdata/features/NAME/CLIENT.yaml
// against the reference client of that name.
func TestGoldenFeatures(t *testing.T) {
	bases := map[string]plan.Plan{}
	for _, p := range referencePlans(t) {
		bases[p.Client] = p
	}
	synthesized := map[string]environment{}
	for _, dir := range featureDirs(t) {
		p := featurePlan(t, dir)
		base, ok := synthesized[p.Client]
		if !ok {
			require.Contains(t, bases, p.Client, "%s is a variation of no reference client", dir)
			base = build(t, bases[p.Client])
			synthesized[p.Client] = base
		}
		got := deltas(t, base, build(t, p))
		path := filepath.Join(dir, "delta.txt")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			continue
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, "%s; -update rewrites it", path)
	}
}

// featureDirs are the folders of the variations.
func featureDirs(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/features/*")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	return dirs
}

// featurePlan is the plan of the one client file in the folder of a variation.
func featurePlan(t *testing.T, dir string) plan.Plan {
	t.Helper()
	clients, problems := plan.Load(dir)
	require.Empty(t, problems)
	require.Len(t, clients.Plans, 1, dir)
	return clients.Plans[0]
}

// deltas says which resources come, go and change between two environments, how those
// change, and (!) what AWS would refuse or what data a deployed base would lose on the way.
func deltas(t *testing.T, base, variation environment) string {
	var out strings.Builder
	kinds := slices.Collect(maps.Keys(base.templates))
	for kind := range variation.templates {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		lines := difference(t, base.templates[kind], variation.templates[kind])
		if len(lines) > 0 {
			fmt.Fprintf(&out, "# %s\n%s\n", kind, strings.Join(lines, "\n"))
		}
	}
	for _, c := range compare(t, base, variation).Grave() {
		fmt.Fprintf(&out, "! %s\n", told(c))
	}
	return out.String()
}

// told is a change on one line: what happens to what, because of which properties.
func told(c change.Change) string {
	var properties []string
	for _, f := range c.Findings {
		if f.Property != "" && f.Effect >= change.Replacement {
			properties = append(properties, f.Property)
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s/%s %s %s", c.Worst, c.Kind, c.Stack, c.ID, c.Type, strings.Join(properties, ", ")))
}

// addedTypes are the resource types that the variations add to their reference clients.
func addedTypes(t *testing.T) []string {
	t.Helper()
	deltas, err := filepath.Glob("testdata/features/*/delta.txt")
	require.NoError(t, err)
	require.NotEmpty(t, deltas)
	var types []string
	for _, path := range deltas {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for line := range strings.Lines(string(content)) {
			if fields := strings.Fields(line); fields[0] == "+" && len(fields) == 3 {
				types = append(types, fields[2])
			}
		}
	}
	return types
}

// difference is what got has more, less or otherwise than want, in order.
func difference(t *testing.T, want, got stackTemplate) []string {
	t.Helper()
	var lines []string
	for _, id := range keys(want.Resources, got.Resources) {
		w, before := want.Resources[id]
		g, after := got.Resources[id]
		switch {
		case !before:
			lines = append(lines, fmt.Sprintf("+ %s %s", id, g.Type))
		case !after:
			lines = append(lines, fmt.Sprintf("- %s %s", id, w.Type))
		default:
			for _, line := range changes("", plain(t, w), plain(t, g)) {
				lines = append(lines, fmt.Sprintf("~ %s %s", id, line))
			}
		}
	}
	return append(lines, changes("Outputs", plain(t, want.Outputs), plain(t, got.Outputs))...)
}

// changes walks two JSON values and names each place where they differ. Of lists it
// names the elements that only one of them has.
func changes(path string, want, got any) []string {
	if w, g, ok := both[map[string]any](want, got); ok {
		var lines []string
		for _, key := range keys(w, g) {
			lines = append(lines, changes(strings.TrimPrefix(path+"."+key, "."), w[key], g[key])...)
		}
		return lines
	}
	if w, g, ok := both[[]any](want, got); ok {
		var lines []string
		for _, element := range without(w, g) {
			lines = append(lines, fmt.Sprintf("%s: less %s", path, compact(element)))
		}
		for _, element := range without(g, w) {
			lines = append(lines, fmt.Sprintf("%s: more %s", path, compact(element)))
		}
		if len(lines) > 0 {
			return lines
		}
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	if w, g, ok := both[string](want, got); ok {
		if from := firstLineApart(w, g); from > 0 {
			want, got = "…"+w[from:], "…"+g[from:]
		}
	}
	return []string{fmt.Sprintf("%s: %s -> %s", path, compact(want), compact(got))}
}

// firstLineApart is where the first line begins in which two texts differ.
func firstLineApart(a, b string) int {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	return strings.LastIndexByte(a[:same], '\n') + 1
}

func both[T any](a, b any) (T, T, bool) {
	x, isX := a.(T)
	y, isY := b.(T)
	return x, y, isX && isY
}

// without is the elements of list that other does not have.
func without(list, other []any) []any {
	var rest []any
	for _, element := range list {
		if !slices.ContainsFunc(other, func(o any) bool { return reflect.DeepEqual(element, o) }) {
			rest = append(rest, element)
		}
	}
	return rest
}

func keys[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func compact(value any) string {
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	if len(content) > 600 {
		return string(content[:590]) + "…"
	}
	return string(content)
}

// plain is value as decoded JSON, so that structs and maps compare alike.
func plain(t *testing.T, value any) any {
	t.Helper()
	content, err := json.Marshal(value)
	require.NoError(t, err)
	var decoded any
	require.NoError(t, json.Unmarshal(content, &decoded))
	return decoded
}

func writeJSON(t *testing.T, path string, value any) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text(t, value)+"\n"), 0o644))
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, into))
}
