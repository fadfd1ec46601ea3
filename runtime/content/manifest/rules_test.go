package manifest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// declaredRules is the names of all rules in the package's source.
func declaredRules(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var names []string
	for _, path := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok || len(literal.Elts) != 4 {
				return true
			}
			if of, ok := literal.Type.(*ast.Ident); ok && of.Name == "rule" {
				name, err := strconv.Unquote(literal.Elts[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				names = append(names, name)
			}
			return true
		})
	}
	return names
}

func TestEveryRuleIsNamedOnceAndBrokenByAFixture(t *testing.T) {
	declared := declaredRules(t)
	require.NotEmpty(t, declared)
	var broken []string
	note := func(findings []content.Finding) {
		for _, f := range findings {
			require.NotEmpty(t, f.Message, f.Rule)
			require.NotEmpty(t, f.Remedy, f.Rule)
			require.NotContains(t, f.Message, "%!", f.Rule)
			broken = append(broken, f.Rule)
		}
	}
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	for _, path := range paths {
		fixture, err := txtar.ParseFile(path)
		require.NoError(t, err)
		pkg, _ := split(fixture)
		note(readFixture(t, fixture, pkg).Report.Findings)
	}
	for _, c := range encodings() {
		r, err := manifest.Read(memory{"tincan.xml": {Data: c.data}}, manifest.Options{})
		require.NoError(t, err)
		note(r.Report.Findings)
	}
	r, err := manifest.Read(oversized()["bytes"].pkg, manifest.Options{})
	require.NoError(t, err)
	note(r.Report.Findings)
	for i, name := range declared {
		require.NotContains(t, declared[:i], name, "two rules of one name")
		require.Equal(t, strings.ToLower(name), name)
		if !slices.Contains(broken, name) {
			t.Errorf("no fixture breaks the rule %s", name)
		}
	}
}
