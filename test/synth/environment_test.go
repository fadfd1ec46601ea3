package synth_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks"
)

const referenceClients = "../../config/clients"

// stackTemplate is a CloudFormation template as JSON.
type stackTemplate struct {
	Metadata   map[string]any      `json:",omitempty"`
	Parameters map[string]any      `json:",omitempty"`
	Resources  map[string]resource `json:",omitempty"`
	Outputs    map[string]any      `json:",omitempty"`
}

type resource struct {
	Type                string
	DependsOn           any            `json:",omitempty"`
	Properties          map[string]any `json:",omitempty"`
	DeletionPolicy      string         `json:",omitempty"`
	UpdateReplacePolicy string         `json:",omitempty"`
	CreationPolicy      map[string]any `json:",omitempty"`
	UpdatePolicy        map[string]any `json:",omitempty"`
	Metadata            map[string]any `json:",omitempty"`
}

// environment is a synthesized client.
type environment struct {
	dir       string
	plan      plan.Plan
	templates map[string]stackTemplate // by kind of stack
}

// build synthesizes one client as cmd/app does, and reads the assembly back from disk.
func build(t *testing.T, p plan.Plan) environment {
	t.Helper()
	app := newApp(t)
	environments := []stacks.Environment{stacks.Build(app, p, fixedRuntimes(t, p))}
	dir, err := stacks.Synth(app, environments)
	require.NoError(t, err)
	return read(t, dir, p)
}

// read is the assembly of a plan as it is on disk.
func read(t *testing.T, dir string, p plan.Plan) environment {
	t.Helper()
	e := environment{dir: dir, plan: p, templates: map[string]stackTemplate{}}
	for _, s := range p.Stacks {
		content, err := os.ReadFile(filepath.Join(dir, s.ID+".template.json"))
		require.NoError(t, err)
		var template stackTemplate
		require.NoError(t, json.Unmarshal(content, &template))
		e.templates[s.Kind] = template
	}
	return e
}

// fixedRuntimes stand for the built binaries, so that a template does not change with
// every change of the runtime's source.
func fixedRuntimes(t *testing.T, p plan.Plan) stacks.Runtimes {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, stacks.RuntimeFile(p.Web.Architecture))
	require.NoError(t, os.WriteFile(path, []byte("the runtime for "+p.Web.Architecture), 0o755))
	runtimes, err := stacks.LoadRuntimes(dir, p)
	require.NoError(t, err)
	return runtimes
}

// referencePlans are the plans of the reference clients.
func referencePlans(t *testing.T) []plan.Plan {
	t.Helper()
	clients, problems := plan.Load(referenceClients)
	require.Empty(t, problems)
	require.NotEmpty(t, clients.Plans)
	return clients.Plans
}

// reference is the plan of one reference client.
func reference(t *testing.T, name string) plan.Plan {
	t.Helper()
	for _, p := range referencePlans(t) {
		if p.Client == name {
			return p
		}
	}
	require.Fail(t, "no such reference client", name)
	return plan.Plan{}
}

// ofType are a template's resources of one type by logical id.
func (s stackTemplate) ofType(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range s.Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// one is the only resource of a type.
func (s stackTemplate) one(t *testing.T, kind string) resource {
	t.Helper()
	found := s.ofType(kind)
	require.Len(t, found, 1, kind)
	for _, r := range found {
		return r
	}
	return resource{}
}

func text(t *testing.T, value any) string {
	t.Helper()
	content, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return strings.TrimSpace(string(content))
}
