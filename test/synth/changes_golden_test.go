package synth_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// meaning is a report on one line: the gravest effect, what is not merely changed, and
// the stacks that come and leave.
func meaning(r change.Report) string {
	effects := map[change.Effect][]string{}
	worst, perhaps := change.None, false
	leaving := map[string]bool{}
	for _, s := range r.Stacks {
		leaving[s.Name] = s.Fate == "leaves"
	}
	for _, c := range r.Changes() {
		if c.Kind == "added" && c.Worst == change.None || leaving[c.Stack] && !c.Grave() && c.Worst != change.LeftBehind {
			continue // of a stack that leaves its name says enough
		}
		if c.Worst > worst {
			worst, perhaps = c.Worst, c.Perhaps
		}
		for _, f := range c.Findings {
			name := c.Stack[strings.LastIndex(c.Stack, "-")+1:] + "/" + c.ID
			if f.Effect >= change.Interruption && !slices.Contains(effects[f.Effect], name) {
				effects[f.Effect] = append(effects[f.Effect], name)
			}
		}
	}
	parts := []string{pick(perhaps, "perhaps ", "") + worst.Words()}
	for _, e := range slices.Backward(slices.Sorted(maps.Keys(effects))) {
		parts = append(parts, e.Words()+": "+strings.Join(effects[e], ", "))
	}
	for _, s := range r.Stacks {
		if s.Fate != "changed" {
			parts = append(parts, s.Name+" "+s.Fate)
		}
	}
	if len(r.Deploy) > 1 {
		parts = append(parts, fmt.Sprintf("%d commands", len(r.Deploy)))
	}
	return strings.Join(parts, "; ")
}

func pick(condition bool, a, b string) string {
	if condition {
		return a
	}
	return b
}

// shown is a value as one word or a few.
func shown(value any) string {
	if value == nil {
		return "nothing"
	}
	if s, ok := value.(string); ok {
		return s
	}
	return compact(value)
}

// compare compares the lines with the golden file, of a sample only those that it has.
func (m *matrix) compare(lines []string, everything bool) {
	m.t.Helper()
	path := filepath.Join("testdata", "changes", m.client+".txt")
	if *update && !everything {
		return // a sample is no golden
	}
	if *update {
		require.NoError(m.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(m.t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
		return
	}
	content, err := os.ReadFile(path)
	require.NoError(m.t, err)
	golden := strings.Split(strings.TrimSpace(string(content)), "\n")
	if everything {
		require.Equal(m.t, golden, lines, "%s; -update rewrites it", path)
	}
	for _, line := range lines {
		require.Contains(m.t, golden, line, "%s; -update rewrites it", path)
	}
}
