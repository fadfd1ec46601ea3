package adl_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// known is a case that is known to fail.
type known struct {
	Case   string `yaml:"case"`
	Kind   string `yaml:"kind"`  // library: scorm-again does it; case: it needs a person, or contradicts itself; ours
	Calls  int    `yaml:"calls"` // how many of its calls fail, those that are never made among them
	Reason string `yaml:"reason"`
}

func knownFailures(t *testing.T) []known {
	t.Helper()
	data, err := os.ReadFile("known-failures.yaml")
	require.NoError(t, err)
	var list []known
	require.NoError(t, yaml.Unmarshal(data, &list))
	for _, k := range list {
		require.Contains(t, []string{"library", "case", "ours"}, k.Kind, "kind of %s", k.Case)
		require.NotEmpty(t, k.Reason, "reason of %s", k.Case)
	}
	return list
}

// check prints the figures, and holds the list of known failures to both of its sides: what is not in it passes, what is in it
// fails.
func check(t *testing.T, reports []report, list []known) {
	t.Helper()
	why := map[string]known{}
	for _, k := range list {
		require.NotContains(t, why, k.Case, "listed twice")
		why[k.Case] = k
	}
	var calls, visits, controls, cases tally
	for _, r := range reports {
		calls.add(r.Calls)
		visits.add(r.Visits)
		controls.add(r.Controls)
		k, listed := why[r.Name]
		delete(why, r.Name)
		cases.Total++
		if len(r.Failures) == 0 {
			cases.Passed++
			if listed {
				t.Errorf("%s passes; take it off known-failures.yaml", r.Name)
			}
			continue
		}
		if listed {
			t.Logf("%s fails (%s): %s", r.Name, k.Kind, k.Reason)
			if failed := r.Calls.Total - r.Calls.Passed; failed != k.Calls {
				t.Errorf("%d calls of %s fail; known-failures.yaml says %d", failed, r.Name, k.Calls)
			}
			continue
		}
		t.Errorf("%s fails:", r.Name)
		for _, f := range r.Failures[:min(len(r.Failures), 12)] {
			t.Log("   ", f)
		}
	}
	for name := range why {
		t.Errorf("%s is in known-failures.yaml, but there is no such case", name)
	}
	t.Logf("calls %d/%d, deliveries in order %d/%d, controls %d/%d, cases %d/%d",
		calls.Passed, calls.Total, visits.Passed, visits.Total, controls.Passed, controls.Total, cases.Passed, cases.Total)
}
