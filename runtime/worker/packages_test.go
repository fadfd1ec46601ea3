package worker_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
)

// manifestOnly are packages without the files that their manifests launch, as most of the ADL suite's. They are for
// parsers; a learner would see an error, so they are refused, and for that alone, unless somebody asks for an outline.
var manifestOnly = []string{
	"aicc/pre-ort.zip", "scorm12/ComplexNestedOrganization_SCORM12.zip", "scorm2004/AdlAttributes_SCORM20043rdEdition.zip",
	"scorm2004/ContentPackagingNoSchemaVersion_SCORM20042ndEdition.zip", "scorm2004/MinimalValid_SCORM20043rdEdition.zip",
}

// testRealPackages imports everything in LECTERN_CONTENT.
func testRealPackages(t *testing.T, e *engine) {
	root := os.Getenv("LECTERN_CONTENT")
	if root == "" {
		t.Skip("LECTERN_CONTENT names no folder with packages")
	}
	dir := os.DirFS(root)
	var names []string
	for _, pattern := range []string{"*/*.zip", "*/*.xml", "cmi5-lms-cases/*.md", "adl-2004-4th/packages/*.zip"} {
		found, err := fs.Glob(dir, pattern)
		require.NoError(t, err)
		names = append(names, found...)
	}
	require.Greater(t, len(names), 150)
	im := e.importer(e.store)
	counts, kept := map[string]int{}, 0
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		require.NoError(t, err)
		id := e.uploadBytes(path.Base(name), data)
		require.NoError(t, im.Import(t.Context(), acme, id), name)
		i, v := e.result(id)
		folder, file := path.Split(name)
		counts[folder+" "+string(i.State)]++
		if slices.Contains(manifestOnly, name) || folder == "adl-2004-4th/packages/" && i.State == content.ImportFailed {
			e.require(i, content.ImportFailed)
			for _, f := range i.Report.Findings {
				require.True(t, f.Severity != content.SeverityError || strings.HasSuffix(f.Rule, ".launch-file-missing"), "%s: %+v", name, f)
			}
			skeleton := e.uploadSkeleton(path.Base(name), data)
			require.NoError(t, im.Import(t.Context(), acme, skeleton), name)
			i, v := e.result(skeleton)
			e.require(i, content.ImportSucceeded)
			require.NotEmpty(t, v.Structure.Leaves(), name)
			kept += v.Files
			continue
		}
		want := content.ImportSucceeded
		if folder == "malformed/" || folder == "hostile/" || folder == "cmi5-lms-cases/" && strings.HasPrefix(file, "2") {
			want = content.ImportFailed
		}
		if i.State != want {
			t.Errorf("%s: %s instead of %s: %+v", name, i.State, want, i.Report.Findings)
		}
		kept += v.Files
		for _, leaf := range v.Structure.Leaves() {
			if strings.Contains(leaf.Launch, "://") {
				continue
			}
			file, _, _ := strings.Cut(strings.ReplaceAll(leaf.Launch, "#", "?"), "?")
			_, err := e.store.Stat(t.Context(), content.FilePrefix(acme, v.ContentID)+file)
			require.NoError(t, err, "%s: %s", name, leaf.Launch)
		}
	}
	require.Equal(t, kept, e.objects(), "nothing but the files of the courses that were taken")
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		t.Log(counts[key], key)
	}
}
