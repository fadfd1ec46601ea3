package iam

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/test/iam/record"
)

const (
	golden  = "../synth/testdata/golden"
	clients = "../../config/clients"
)

// common is where all clients are put together, to see what they can do to each other.
var common = Place{Account: "123456789012", Region: "eu-central-1"}

// copied is appended to the name of a client's second copy: the names of its stacks begin with those of the first one's.
const copied = "-app"

type proof struct {
	plans      []plan.Plan
	catalogues map[string]record.Catalogue
	named      Named
}

func newProof(t *testing.T) proof {
	t.Helper()
	loaded, problems := plan.Load(clients)
	require.Empty(t, problems)
	p := proof{plans: loaded.Plans, catalogues: map[string]record.Catalogue{}}
	require.NoError(t, readYAML("named-calls.yaml", &p.named))
	files, err := filepath.Glob(filepath.Join(record.Folder(), "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		p.catalogues[name], err = record.Load(file)
		require.NoError(t, err)
	}
	return p
}

func (p proof) open(t *testing.T, one plan.Plan, at Place) *World {
	t.Helper()
	w, err := Open(golden, one, at, p.catalogues, p.named)
	require.NoError(t, err, "client %s", one.Client)
	require.NotEmpty(t, w.Asks)
	return w
}

// TestPermissions: what instances, agents and services call is allowed, and what is allowed is called.
func TestPermissions(t *testing.T) {
	p := newProof(t)
	var unneeded []*Explained
	require.NoError(t, readYAML("unneeded.yaml", &unneeded))
	var worlds []*World
	var b batch
	for _, one := range p.plans {
		w := p.open(t, one, At(one))
		worlds = append(worlds, w)
		for i := range w.Asks {
			var err error
			w.Asks[i].index, err = b.add(w.Asks[i], w)
			require.NoError(t, err)
		}
	}
	answers, wildcardOnly, err := b.ask()
	require.NoError(t, err)
	table := []string{fmt.Sprintf("%-14s %9s %7s %8s %11s %7s %11s", "client", "recorded", "named", "allowed", "statements", "unused", "unexplained")}
	for _, w := range worlds {
		table = append(table, w.judge(t, &b, answers, wildcardOnly, unneeded))
	}
	for _, x := range unneeded {
		if x.uses == 0 {
			t.Errorf("unneeded.yaml explains %s on %s for %s, which no policy allows without need any more: remove it", x.Action, x.Resource, x.Principal)
		}
	}
	t.Logf("permissions, by calls to AWS:\n%s", strings.Join(table, "\n"))
}

// judge is the line of one client in the table.
func (w *World) judge(t *testing.T, b *batch, answers []answer, wildcardOnly map[string]bool, unneeded []*Explained) string {
	t.Helper()
	cells, needed, count, allowed, count2 := map[string]Cell{}, map[string]bool{}, map[string]int{}, 0, 0
	resourceStatements := map[string]map[int]bool{}
	for _, r := range w.Roles {
		for key, c := range r.cells() {
			cells[key] = c
			if c.Resource == "*" && !wildcardOnly[c.Action] {
				t.Errorf("%s, but IAM knows resources for it", c)
			}
		}
		for _, policy := range r.Policies {
			count2 += len(statements(policy.Document))
		}
	}
	for _, a := range w.Asks {
		count[a.Source]++
		answer := answers[a.index]
		switch {
		case answer.Error != nil:
			t.Errorf("%s %s: the question is no good: %s", a.Principal, a.Call, answer.Error)
		case len(answer.Ignored) > 0:
			t.Errorf("%s %s: IAM does not know %v here", a.Principal, a.Call, answer.Ignored)
		case !answer.allowed():
			t.Errorf("%s is not allowed (%s): %s", a.Principal, answer.Result, a.Call)
		default:
			allowed++
		}
		if a.Role != nil {
			for _, key := range used(*a.Role, b.Questions[a.index], answer) {
				needed[key] = true
			}
		}
		if policy, has := policyOf(w.Policies, a.Call.Resource); has {
			for _, m := range answer.Resource {
				if resourceStatements[policy.Name] == nil {
					resourceStatements[policy.Name] = map[int]bool{}
				}
				resourceStatements[policy.Name][m.Statement] = true
			}
		}
	}
	unused, unexplained := 0, 0
	for _, key := range sorted(cells) {
		if needed[key] {
			continue
		}
		unused++
		if c := cells[key]; !explained(unneeded, c.Role.Service, c.Action, c.Resource) {
			unexplained++
			t.Errorf("%s, which nothing calls", c)
		}
	}
	for _, arn := range sorted(w.Policies) {
		policy := w.Policies[arn]
		for i, s := range statements(policy.Document) {
			count2++
			if s["Effect"] == "Allow" && !resourceStatements[policy.Name][i] {
				unused++
				if !explained(unneeded, "resource", fmt.Sprint(s["Sid"]), arn) {
					unexplained++
					t.Errorf("%s: statement %d (%v) of the policy of %s allows what nothing calls", w.Env.Client, i+1, s["Sid"], shorten(arn))
				}
			}
		}
	}
	return fmt.Sprintf("%-14s %9d %7d %8d %11d %7d %11d", w.Env.Client, count[Recorded], count[Told], allowed, count2, unused, unexplained)
}

func explained(list []*Explained, principal, action, arn string) bool {
	found := false
	for _, x := range list {
		found = x.explains(principal, action, arn) || found
	}
	return found
}
