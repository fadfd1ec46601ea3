package imports_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/config/workload"
)

// TestNothingAsksForAKind: outside of the two maps and the kinds' own files code asks for needs, so that a further kind
// changes none of it.
func TestNothingAsksForAKind(t *testing.T) {
	kinds := workload.Names()
	require.Contains(t, kinds, "engine")
	files := 0
	for _, folder := range []string{"config/plan", "constructs", "stacks", "runtime", "cmd/app", "cmd/runtime"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("../..", folder), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && strings.HasSuffix(filepath.ToSlash(path), "constructs/workload"):
				return filepath.SkipDir
			case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			files++
			syntax, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(syntax, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				if text, err := strconv.Unquote(literal.Value); err == nil && slices.Contains(kinds, text) {
					t.Errorf("%s names the kind %q; ask for what it needs", path, text)
				}
				return true
			})
			return nil
		}))
	}
	require.Greater(t, files, 100)
}
