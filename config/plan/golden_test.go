package plan_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/config/plan"
)

var update = flag.Bool("update", false, "write what is decided into testdata")

// TestGolden is the feature matrix: client files in, decisions out. Each archive
// in testdata holds client files and what is expected of them, any of
//
//	plan.json   the whole plan of the first client
//	delta       how that plan differs from the demo client's, one value a line
//	problems    all problems
//	quotas      all quota warnings
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { golden(t, path) })
	}
}

func golden(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	require.NoError(t, err)
	clients, problems := load(t, archive)
	checked := 0
	for i, file := range archive.Files {
		var got string
		switch file.Name {
		case "plan.json":
			require.Empty(t, problems)
			got = string(indented(t, clients.Plans[0])) + "\n"
		case "delta":
			require.Empty(t, problems)
			got = delta(flat(t, demo(t)), flat(t, clients.Plans[0]))
		case "problems":
			for _, p := range problems {
				got += p.String() + "\n"
			}
		case "quotas":
			require.Empty(t, problems)
			for _, q := range clients.Quotas() {
				got += q.String() + "\n  " + q.Command + "\n"
			}
		default:
			continue
		}
		checked++
		if *update {
			archive.Files[i].Data = []byte(got)
			continue
		}
		require.Equal(t, string(file.Data), got, "%s of %s; -update writes it", file.Name, path)
	}
	require.Positive(t, checked, "%s expects nothing", path)
	if *update {
		require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
	}
}

// load reads the client files of an archive. The paths in its problems are
// relative, so that they can be compared.
func load(t *testing.T, archive *txtar.Archive) (plan.Clients, []fmt.Stringer) {
	t.Helper()
	dir := t.TempDir()
	for _, file := range archive.Files {
		if strings.HasSuffix(file.Name, ".yaml") {
			require.NoError(t, os.WriteFile(filepath.Join(dir, file.Name), file.Data, 0o644))
		}
	}
	clients, found := plan.Load(dir)
	var problems []fmt.Stringer
	for _, p := range found {
		p.File = filepath.Base(p.File)
		problems = append(problems, p)
	}
	return clients, problems
}

// demo is the smallest client, which the deltas are against.
func demo(t *testing.T) plan.Plan {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/demo.txtar")
	require.NoError(t, err)
	clients, problems := load(t, archive)
	require.Empty(t, problems)
	return clients.Plans[0]
}

// delta lists the values that differ, by path.
func delta(base, other map[string]string) string {
	var out bytes.Buffer
	all := maps.Clone(base)
	maps.Copy(all, other)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		was, had := base[path]
		is, has := other[path]
		switch {
		case had && !has:
			fmt.Fprintf(&out, "- %s\n", path)
		case was != is || !had:
			fmt.Fprintf(&out, "%s = %s\n", path, is)
		}
	}
	return out.String()
}

// flat is a plan's JSON as values by path.
func flat(t *testing.T, p plan.Plan) map[string]string {
	t.Helper()
	var decoded any
	require.NoError(t, json.Unmarshal(indented(t, p), &decoded))
	values := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, child := range v {
				walk(strings.TrimPrefix(path+"."+key, "."), child)
			}
		case []any:
			for i, child := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), child)
			}
		default:
			text, err := json.Marshal(v)
			require.NoError(t, err)
			values[path] = string(text)
		}
	}
	walk("", decoded)
	return values
}

func indented(t *testing.T, p plan.Plan) []byte {
	t.Helper()
	data, err := json.MarshalIndent(p, "", "  ")
	require.NoError(t, err)
	return data
}

// TestNoNull keeps null out of a plan's JSON: a list that is empty reads [].
func TestNoNull(t *testing.T) {
	require.NotContains(t, string(indented(t, demo(t))), "null")
}
