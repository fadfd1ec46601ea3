package manifest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

var update = flag.Bool("update", false, "write what is read into testdata")

// memory is a package whose files are in memory.
type memory fstest.MapFS

func (m memory) Open(name string) (fs.File, error) { return fstest.MapFS(m).Open(name) }

func (m memory) Files() []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestFixtures reads every package of testdata and compares the structure and the report with what is written there. The first line of a fixture may
// be an option: allow-missing-files or bare.
func TestFixtures(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			fixture, err := txtar.ParseFile(path)
			require.NoError(t, err)
			pkg, want := split(fixture)
			got := []txtar.File{
				{Name: "want/report", Data: []byte(reportText(readFixture(t, fixture, pkg)))},
				{Name: "want/structure.json", Data: structureText(t, readFixture(t, fixture, pkg))},
			}
			if *update {
				fixture.Files = append(pkg, got...)
				require.NoError(t, os.WriteFile(path, txtar.Format(fixture), 0o644))
				return
			}
			require.Len(t, want, len(got), "go test ./runtime/content/manifest -update writes what is read; then read the difference")
			for i := range got {
				require.Equal(t, string(want[i].Data), string(got[i].Data), want[i].Name)
			}
		})
	}
}

func split(fixture *txtar.Archive) (pkg, want []txtar.File) {
	for _, f := range fixture.Files {
		if strings.HasPrefix(f.Name, "want/") {
			want = append(want, f)
		} else {
			pkg = append(pkg, f)
		}
	}
	return pkg, want
}

func readFixture(t *testing.T, fixture *txtar.Archive, pkg []txtar.File) manifest.Result {
	t.Helper()
	option, _, _ := strings.Cut(string(fixture.Comment), "\n")
	if option == "bare" {
		return manifest.ReadFile(pkg[0].Name, pkg[0].Data, manifest.Options{})
	}
	m := memory{}
	for _, f := range pkg {
		m[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	r, err := manifest.Read(m, manifest.Options{AllowMissingFiles: option == "allow-missing-files"})
	require.NoError(t, err)
	return r
}

// reportText is a report for people who read goldens; remedies and sources are those of the rules.
func reportText(r manifest.Result) string {
	var b strings.Builder
	p := r.Report
	fmt.Fprintf(&b, "standard %q edition %q title %q manifest %q folder %q refused %t\n", p.Standard, p.Edition, p.Title, p.Manifest, r.Folder, p.Refused())
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "%s %s %s:%d\n\t%s\n", f.Severity, f.Rule, f.File, f.Line, f.Message)
	}
	return b.String()
}

// structureText is the structure as it is stored; nothing if the package was refused.
func structureText(t *testing.T, r manifest.Result) []byte {
	t.Helper()
	if r.Report.Refused() {
		return nil
	}
	data, err := json.MarshalIndent(r.Structure, "", "  ")
	require.NoError(t, err)
	var back content.Structure
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, r.Structure, back, "the structure survives being stored")
	return append(data, '\n')
}
