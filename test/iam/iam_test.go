package iam

import (
	"fmt"
	"path/filepath"
	"slices"
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
	exceptions exceptions
}

// exceptions are those of exceptions.yaml.
type exceptions struct {
	Unneeded []*Explained `yaml:"unneeded"`
	Wildcard []*Explained `yaml:"wildcard"`
	Shared   []*Explained `yaml:"shared"`
	Services []*Explained `yaml:"services"`
}

func newProof(t *testing.T) proof {
	t.Helper()
	loaded, problems := plan.Load(clients)
	require.Empty(t, problems)
	p := proof{plans: loaded.Plans, catalogues: map[string]record.Catalogue{}}
	require.NoError(t, readYAML("named-calls.yaml", &p.named))
	require.NoError(t, readYAML("exceptions.yaml", &p.exceptions))
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
	var worlds []*World
	v := verdict{exceptions: p.exceptions}
	for _, one := range p.plans {
		w := p.open(t, one, At(one))
		worlds = append(worlds, w)
		for i := range w.Asks {
			var err error
			w.Asks[i].index, err = v.batch.add(w.Asks[i], w)
			require.NoError(t, err)
		}
	}
	var err error
	v.answers, v.wildcardOnly, err = v.batch.ask()
	require.NoError(t, err)
	table := []string{fmt.Sprintf("%-14s %9s %7s %8s %11s %7s %12s", "client", "recorded", "named", "allowed", "statements", "unused", "unexplained")}
	for _, w := range worlds {
		c := v.judge(t, w)
		table = append(table, fmt.Sprintf("%-14s %9d %7d %8d %11d %7d %12d",
			w.Env.Client, c.asked[Recorded], c.asked[Told], c.allowed, c.statements, c.unused, c.unexplained))
	}
	requireInUse(t, "unneeded", p.exceptions.Unneeded)
	requireInUse(t, "wildcard", p.exceptions.Wildcard)
	p.named.requireInUse(t)
	t.Logf("permissions, by calls to AWS (unused are actions on resources of a role, and statements of a resource's policy):\n%s", strings.Join(table, "\n"))
}

// verdict is what the simulator says to all questions, and what may be otherwise.
type verdict struct {
	batch        batch
	answers      []answer
	wildcardOnly map[string]bool
	exceptions   exceptions
}

// tally is the line of a client in the table.
type tally struct {
	asked                                    map[string]int // by source
	allowed, statements, unused, unexplained int
}

func (v *verdict) judge(t *testing.T, w *World) tally {
	t.Helper()
	c := tally{asked: map[string]int{}}
	v.calls(t, w, &c)
	v.roles(t, w, &c)
	v.resources(t, w, &c)
	return c
}

// calls have to be allowed.
func (v *verdict) calls(t *testing.T, w *World, c *tally) {
	t.Helper()
	for _, a := range w.Asks {
		c.asked[a.Source]++
		switch answer := v.answers[a.index]; {
		case answer.Error != nil:
			t.Errorf("%s %s: the question is no good: %s", a.Principal, a.Call, answer.Error)
		case len(answer.Ignored) > 0:
			t.Errorf("%s %s: IAM does not know %v here", a.Principal, a.Call, answer.Ignored)
		case !answer.allowed():
			t.Errorf("%s is not allowed (%s): %s", a.Principal, answer.Result, a.Call)
		default:
			c.allowed++
		}
	}
}

// roles allow nothing that is not called, and nothing on "*" that IAM knows resources for.
func (v *verdict) roles(t *testing.T, w *World, c *tally) {
	t.Helper()
	needed := map[string]bool{}
	for _, a := range w.Asks {
		if a.Role != nil {
			// What two statements allow needs neither of them.
			if keys := used(*a.Role, v.batch.Questions[a.index], v.answers[a.index]); len(keys) == 1 {
				needed[keys[0]] = true
			}
		}
	}
	for _, r := range w.Roles {
		for _, policy := range r.Policies {
			c.statements += len(statements(policy.Document))
		}
		cells := r.cells()
		for _, key := range sorted(cells) {
			cell := cells[key]
			if cell.Resource == "*" && !v.wildcardOnly[cell.Action] && !explained(v.exceptions.Wildcard, r.Service, cell.Action, "*") {
				t.Errorf("%s, but IAM knows resources for it", cell)
			}
			if needed[key] {
				continue
			}
			c.unused++
			if !explained(v.exceptions.Unneeded, r.Service, cell.Action, cell.Resource) {
				c.unexplained++
				t.Errorf("%s, which nothing calls", cell)
			}
		}
	}
}

// resources have no policy that allows what nothing calls.
func (v *verdict) resources(t *testing.T, w *World, c *tally) {
	t.Helper()
	needed := map[string]bool{}
	for _, a := range w.Asks {
		if policy, has := policyOf(w.Policies, a.Call.Resource); has {
			for _, m := range v.answers[a.index].Resource {
				needed[fmt.Sprint(policy.Name, " ", m.Statement)] = true
			}
		}
	}
	for _, arn := range sorted(w.Policies) {
		policy := w.Policies[arn]
		for i, s := range statements(policy.Document) {
			c.statements++
			if s["Effect"] != "Allow" || needed[fmt.Sprint(policy.Name, " ", i)] {
				continue // TestNothingWithoutTLS needs what denies
			}
			c.unused++
			if !explained(v.exceptions.Unneeded, "resource", fmt.Sprint(s["Sid"]), arn) {
				c.unexplained++
				t.Errorf("%s: statement %d (%v) of the policy of %s allows what nothing calls", w.Env.Client, i+1, s["Sid"], shorten(arn))
			}
		}
	}
}

// TestEveryExceptionHasAReasonAndAPage: what cannot be recorded or is too broad is believed only with both.
func TestEveryExceptionHasAReasonAndAPage(t *testing.T) {
	p := newProof(t)
	said := func(what, reason, page string) {
		require.NotEmpty(t, reason, what)
		require.Regexp(t, `^https://docs\.aws\.amazon\.com/.+`, page, what)
	}
	for _, i := range p.named.Implied {
		said(i.Action, i.Reason, i.Page)
	}
	for _, c := range slices.Concat(p.named.Roles, p.named.Services) {
		said(fmt.Sprint(c.Principal, " ", c.Actions), c.Reason, c.Page)
	}
	for arn, m := range p.named.Managed {
		said(arn, m.Read, m.Page)
	}
	for _, x := range slices.Concat(p.exceptions.Unneeded, p.exceptions.Wildcard, p.exceptions.Shared, p.exceptions.Services) {
		said(x.Principal+" "+x.Action, x.Reason, x.Page)
	}
}

// requireInUse fails for exceptions that explain nothing any more.
func requireInUse(t *testing.T, name string, list []*Explained) {
	t.Helper()
	for _, x := range list {
		if x.uses == 0 {
			t.Errorf("exceptions.yaml: %s: %s of %s on %q happens no more: remove it", name, x.Action, x.Principal, x.Resource)
		}
	}
}

// requireInUse fails for calls that no environment makes.
func (n Named) requireInUse(t *testing.T) {
	t.Helper()
	for _, i := range n.Implied {
		if i.uses == 0 {
			t.Errorf("named-calls.yaml: nothing implies %s any more: remove it", i.Action)
		}
	}
	for _, c := range slices.Concat(n.Roles, n.Services) {
		if c.uses == 0 {
			t.Errorf("named-calls.yaml: no client has what %s calls %v on: remove it", c.Principal, c.Actions)
		}
	}
}

func explained(list []*Explained, principal, action, arn string) bool {
	found := false
	for _, x := range list {
		found = x.explains(principal, action, arn) || found
	}
	return found
}
