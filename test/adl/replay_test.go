package adl_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cmi"
	"github.com/lectern/lectern/runtime/content"
)

type tally struct {
	Passed int `json:"passed"`
	Total  int `json:"total"`
}

func (t *tally) add(o tally) { t.Passed, t.Total = t.Passed+o.Passed, t.Total+o.Total }

// report is what replay.mjs says of a case.
type report struct {
	Name     string              `json:"name"`
	Calls    tally               `json:"calls"`    // return value and error code
	Visits   tally               `json:"visits"`   // the activity that is delivered
	Controls tally               `json:"controls"` // what the learner is offered
	Failures []string            `json:"failures"`
	States   []map[string]string `json:"states"` // each state that was committed
}

// replay runs all cases in one Node process.
func replay(t *testing.T, cases []testCase) []report {
	t.Helper()
	var in, out, complaints bytes.Buffer
	for _, c := range cases {
		require.NoError(t, json.NewEncoder(&in).Encode(c))
	}
	command := exec.Command(node(t), "replay/replay.mjs")
	command.Stdin, command.Stdout, command.Stderr = &in, &out, &complaints
	require.NoError(t, command.Run(), complaints.String())
	var reports []report
	for line := range strings.Lines(out.String()) {
		var r report
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		reports = append(reports, r)
	}
	require.Len(t, reports, len(cases), complaints.String())
	for i := range reports {
		reports[i].Failures = append(reports[i].Failures, refused(reports[i].States)...)
	}
	return reports
}

// refused says which of the states that the player committed the service would not take.
func refused(states []map[string]string) []string {
	var problems []string
	for _, state := range states {
		for _, f := range cmi.Check(content.SCORM2004, state, cmi.Limits{}) {
			problems = append(problems, "the service refuses the commit: "+f.Path+" "+f.Message)
		}
	}
	return problems
}
