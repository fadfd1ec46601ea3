package synth_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/test/flows"
)

// TestFlowsAreThoseThatAreMeant derives every network flow of every reference client and
// of every variation from all templates of the environment, and compares them with the
// table in test/flows, both ways. With -v it prints them.
func TestFlowsAreThoseThatAreMeant(t *testing.T) {
	variations := map[string]plan.Plan{}
	for _, p := range referencePlans(t) {
		variations[p.Client] = p
	}
	for _, dir := range featureDirs(t) {
		variations[filepath.Base(dir)] = featurePlan(t, dir)
	}
	for name, p := range variations {
		t.Run(name, func(t *testing.T) {
			e := build(t, p)
			templates := flows.Templates{}
			for _, s := range p.Stacks {
				require.NoError(t, templates.Read(s.ID, filepath.Join(e.dir, s.ID+".template.json")))
			}
			is := flows.Derive(templates)
			t.Logf("%s\n%s", name, is.Table())
			require.Empty(t, flows.Compare(is, flows.Meant(p)))
		})
	}
}
