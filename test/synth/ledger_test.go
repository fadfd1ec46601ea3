package synth_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

var acceptReplacement = flag.Bool("accept-replacement", false,
	"rewrite the ledger although stateful resources are replaced or lost; say in the commit how their data moves")

// ledgerEntry is a stateful resource and the values that CloudFormation cannot change
// without making a new one.
type ledgerEntry struct {
	Type       string
	CreateOnly map[string]any
}

// TestLedger keeps testdata/ledger: the logical ids and create-only properties of all
// that is retained. A change to either would put an empty database in the place of a
// full one, so it fails here. -update only adds new entries; -accept-replacement
// rewrites the rest.
func TestLedger(t *testing.T) {
	for _, p := range referencePlans(t) {
		got := ledger(t, build(t, p))
		path := filepath.Join("testdata", "ledger", p.Client+".json")
		if *acceptReplacement {
			writeJSON(t, path, got)
			continue
		}
		want := map[string]ledgerEntry{}
		if _, err := os.Stat(path); err == nil || !*update {
			readJSON(t, path, &want)
		}
		for _, line := range violated(t, want, got) {
			t.Errorf("%s: %s", p.Client, line)
		}
		if *update && !t.Failed() {
			writeJSON(t, path, got)
			continue
		}
		for id := range got {
			require.Contains(t, want, id, "%s is stateful and new: -update writes it into the ledger", id)
		}
	}
}

// TestLedgerNoticesRenamesAndReplacements is the ledger's own test.
func TestLedgerNoticesRenamesAndReplacements(t *testing.T) {
	p := reference(t, "demo")
	want := ledger(t, build(t, p))

	p.Database.Name = "renamed"
	lines := violated(t, want, ledger(t, build(t, p)))
	require.Len(t, lines, 2, "the database's name and its master user's")
	require.Contains(t, lines[0], `DBName: "lectern" -> "renamed"`)

	renamed := maps.Clone(want)
	delete(renamed, slices.Sorted(maps.Keys(want))[0])
	require.Len(t, violated(t, want, renamed), 1)
}

// violated says what a ledger's resources would suffer.
func violated(t *testing.T, want, got map[string]ledgerEntry) []string {
	t.Helper()
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(want)) {
		g, kept := got[id]
		if !kept {
			lines = append(lines, id+" ("+want[id].Type+") is gone: renamed or removed, its data would be left behind; keep the construct id")
			continue
		}
		for _, change := range changes("", plain(t, want[id].CreateOnly), plain(t, g.CreateOnly)) {
			lines = append(lines, id+" ("+want[id].Type+") would be replaced: "+change)
		}
	}
	return lines
}

// ledger is what a client's environment retains, by stack and logical id.
func ledger(t *testing.T, e environment) map[string]ledgerEntry {
	t.Helper()
	stateful := map[string]resource{}
	for kind, template := range e.templates {
		for id, r := range template.Resources {
			if r.DeletionPolicy == "RetainExceptOnCreate" || r.DeletionPolicy == "Snapshot" {
				stateful[kind+"/"+id] = r
			}
		}
	}
	entries := map[string]ledgerEntry{}
	for id, r := range stateful {
		entry := ledgerEntry{Type: r.Type, CreateOnly: map[string]any{}}
		// Another engine is another database, though the specification says "maybe".
		for _, name := range append(change.CreateOnly(r.Type), "Engine") {
			if value, set := r.Properties[name]; set {
				entry.CreateOnly[name] = value
			}
		}
		entries[id] = entry
	}
	return entries
}
