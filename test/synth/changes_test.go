package synth_test

import (
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks/change"
)

var whole = flag.Bool("whole", false, "change every key of every reference client, not a sample")

// TestChangeMatrix changes every key of the client file of every reference client, each
// way that it can change, and compares what deploying that would do with
// testdata/changes/CLIENT.txt. It fails where AWS would refuse the change or data would
// be lost, unless `ways` says what to do instead, and where a key changes nothing.
//
// A synthesis of each takes minutes, so that by default every change is planned and
// each key is synthesized for one client only; -whole synthesizes all, and with -update
// rewrites the files.
func TestChangeMatrix(t *testing.T) {
	used := map[string]bool{}
	var clients []*matrix
	for _, p := range referencePlans(t) {
		clients = append(clients, newMatrix(t, p, used))
	}
	sampled := sample(clients)
	for _, m := range clients {
		t.Run(m.client, func(t *testing.T) {
			m.t = t
			var lines []string
			for _, c := range m.changes {
				if line := m.line(c, *whole || sampled[c.path] == m.client); line != "" {
					lines = append(lines, line)
				}
			}
			m.compare(lines, *whole)
		})
		if *whole {
			jsii.Close() // the kernel keeps every app it was told of
		}
	}
	if *whole {
		for _, table := range []map[string]string{ways, withoutEffect} {
			for key := range table {
				require.True(t, used[key], "%s is excused, and needs no excuse any more: remove it", key)
			}
		}
	}
}

// sample is the client that each key is synthesized for: in turn one of those whose
// plan takes a change of it.
func sample(clients []*matrix) map[string]string {
	able := map[string][]string{}
	var paths []string
	for _, m := range clients {
		for _, c := range m.changes {
			if len(c.refused) > 0 || c.idle || slices.Contains(able[c.path], m.client) {
				continue
			}
			if able[c.path] == nil {
				paths = append(paths, c.path)
			}
			able[c.path] = append(able[c.path], m.client)
		}
	}
	chosen := map[string]string{}
	for i, path := range paths {
		chosen[path] = able[path][i%len(able[path])]
	}
	return chosen
}

// matrix is a reference client whose keys are changed.
type matrix struct {
	t      *testing.T
	client string
	file   document
	bases  map[string]environment // synthesized, by what is given
	// changes of all keys, and which excuses they used.
	changes []changed
	used    map[string]bool
}

func newMatrix(t *testing.T, p plan.Plan, used map[string]bool) *matrix {
	t.Helper()
	m := &matrix{t: t, client: p.Client, file: readDocument(t, p.Client), bases: map[string]environment{}, used: used}
	_, _, problems := m.file.edited(t).resolved(t)
	require.Empty(t, problems)
	for _, k := range keysOf(t, p.Workload) {
		m.changes = append(m.changes, m.changesOf(k)...)
	}
	return m
}

// changed is one change of a key: the plan before and after, or why there is none.
type changed struct {
	path     string
	from, to any
	way      string
	given    []edit
	before   plan.Plan
	after    plan.Plan
	refused  config.Problems
	idle     bool // the plan stays the same
}

// changesOf are the changes of one key: of each way the first that the plan takes, or,
// where it takes none, the first.
func (m *matrix) changesOf(k clientKey) []changed {
	m.t.Helper()
	given := m.given(k.path)
	base := m.file.edited(m.t, given...)
	f, before, problems := base.resolved(m.t)
	if len(problems) > 0 {
		return []changed{{path: k.path, given: given, way: "given", refused: problems}}
	}
	now := present(m.t, f, before, k.path)
	var taken []changed
	first := map[string]changed{}
	var waysInOrder []string
	for _, c := range choices(k, now) {
		if slices.ContainsFunc(taken, func(t changed) bool { return t.way == c.way }) {
			continue
		}
		edits := append([]edit{{k.path, c.value}}, m.edits(hints[k.path].with)...)
		_, after, refused := base.edited(m.t, edits...).resolved(m.t)
		one := changed{path: k.path, from: now, to: c.value, way: c.way, given: given, before: before, after: after, refused: refused}
		one.idle = len(refused) == 0 && reflect.DeepEqual(plain(m.t, before), plain(m.t, after))
		if len(refused) == 0 {
			taken = append(taken, one)
		} else if _, ok := first[c.way]; !ok {
			first[c.way] = one
			waysInOrder = append(waysInOrder, c.way)
		}
	}
	for _, way := range waysInOrder {
		if !slices.ContainsFunc(taken, func(t changed) bool { return t.way == way }) {
			taken = append(taken, first[way])
		}
	}
	return taken
}

// given is what a key needs to mean something: its hint, and an item of each list that
// it is in.
func (m *matrix) given(path string) []edit {
	edits := m.edits(hints[path].given)
	list, _, inside := strings.Cut(path, "[]")
	if !inside || !empty(valueAt(map[string]any(m.file), list)) {
		return edits
	}
	item := itemOf(clientKey{path: list})
	return append([]edit{{list, []any{item}}}, edits...)
}

// edits are those of a hint with the client's region and account in them.
func (m *matrix) edits(of []edit) []edit {
	var edits []edit
	mine := strings.NewReplacer("REGION", fmt.Sprint(m.file["region"]), "ACCOUNT", fmt.Sprint(m.file["account"]))
	for _, e := range of {
		switch value := e.value.(type) {
		case string:
			e.value = mine.Replace(value)
		case []any:
			list := []any{}
			for _, item := range value {
				if s, ok := item.(string); ok {
					item = mine.Replace(s)
				}
				list = append(list, item)
			}
			e.value = list
		}
		edits = append(edits, e)
	}
	return edits
}

// line is what a change means, on one line; empty where it was left out of the sample.
func (m *matrix) line(c changed, synthesize bool) string {
	m.t.Helper()
	head := fmt.Sprintf("%s: %s → %s", c.path, shown(c.from), shown(c.to))
	if c.way == "given" {
		head = c.path
	}
	if len(c.refused) > 0 {
		p := c.refused[0]
		return fmt.Sprintf("%s | the plan refuses it: %s: %s; %s", head, p.Path, p.Found, p.Fix)
	}
	if c.idle {
		m.idle(c, "the plan")
		return head + " | nothing changes"
	}
	if !synthesize {
		return ""
	}
	var report change.Report
	m.t.Run(c.path+" "+c.way, func(t *testing.T) {
		report = compare(t, m.base(c), build(t, c.after))
		m.accepts(t, c, report)
	})
	if len(report.Stacks) == 0 {
		m.idle(c, "any template")
		return head + " | nothing changes"
	}
	return head + " | " + meaning(report)
}

// idle fails for a key that changes nothing, unless that is known to be right.
func (m *matrix) idle(c changed, what string) {
	m.t.Helper()
	if !m.excused(withoutEffect, c.path) {
		m.t.Errorf("%s: %s → %s changes nothing in %s of %s: refuse it there, or say in withoutEffect why that is right", c.path, shown(c.from), shown(c.to), what, m.client)
	}
}

// accepts fails for a change that AWS refuses or that costs data, unless there is a way.
func (m *matrix) accepts(t *testing.T, c changed, r change.Report) {
	t.Helper()
	grave := r.Grave()
	if len(grave) == 0 || m.excused(ways, c.path) {
		return
	}
	for _, g := range grave {
		t.Errorf("%s: %s → %s: %s: %s", c.path, shown(c.from), shown(c.to), told(g), g.Findings[0].Text)
	}
}

// excused says whether a table has the key, for all clients or for this one.
func (m *matrix) excused(table map[string]string, path string) bool {
	for _, key := range []string{path, path + " " + m.client} {
		if _, ok := table[key]; ok {
			m.used[key] = true
			return true
		}
	}
	return false
}

// base is the client before the change, synthesized once for all that have the same given.
func (m *matrix) base(c changed) environment {
	m.t.Helper()
	key := fmt.Sprint(c.given)
	if _, ok := m.bases[key]; !ok {
		m.bases[key] = build(m.t, c.before)
	}
	return m.bases[key]
}
