package adl_test

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// testCase is what replay.mjs reads.
type testCase struct {
	Name      string            `json:"name"`
	Text      string            `json:"text"` // of the properties file
	Structure content.Structure `json:"structure"`
}

// readCases reads cases/NAME.properties and, with the importer's own parser, packages/NAME.zip or packages/NAME/.
func readCases(t *testing.T, folder string) []testCase {
	files, err := filepath.Glob(filepath.Join(folder, "cases", "*.properties"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no cases in %s", folder)
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".properties")
		cases = append(cases, testCase{Name: name, Text: string(text), Structure: readPackage(t, filepath.Join(folder, "packages", name))})
	}
	return cases
}

// readPackage takes the suite's packages as they are: only their manifests.
func readPackage(t *testing.T, path string) content.Structure {
	t.Helper()
	var p files
	if z, err := zip.OpenReader(path + ".zip"); err == nil {
		defer func() { require.NoError(t, z.Close()) }()
		p.FS = z
	} else {
		p.FS = os.DirFS(path)
	}
	require.NoError(t, fs.WalkDir(p.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			p.names = append(p.names, name)
		}
		return err
	}))
	slices.Sort(p.names)
	result, err := manifest.Read(p, manifest.Options{AllowMissingFiles: true})
	require.NoError(t, err)
	require.False(t, result.Report.Refused(), "%s: %v", path, result.Report.Findings)
	return result.Structure
}

type files struct {
	fs.FS
	names []string
}

func (f files) Files() []string { return f.names }
