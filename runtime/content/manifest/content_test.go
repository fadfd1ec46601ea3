package manifest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// contentFolder is where real packages of other people lie; the tests over them skip without it.
func contentFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("LECTERN_CONTENT")
	if folder == "" {
		t.Skip("SKIPPED: LECTERN_CONTENT does not name a folder of real packages; the fixtures of testdata cover the same paths")
	}
	return folder
}

// readReal reads an upload as an import does: what the archive refuses has no manifest.
func readReal(t *testing.T, path string, o manifest.Options) manifest.Result {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	a, findings, err := archive.Open(bytes.NewReader(data), int64(len(data)), archive.DefaultLimits())
	require.NoError(t, err)
	if a == nil {
		return manifest.Result{Report: content.Report{Findings: findings}}
	}
	if a.Bare() {
		return manifest.ReadFile(filepath.Base(path), data, o)
	}
	r, err := manifest.Read(a, o)
	require.NoError(t, err)
	return r
}

// rulesOf is the rules of the errors in a report.
func rulesOf(r content.Report, severity content.Severity) []string {
	var rules []string
	for _, f := range r.Findings {
		if f.Severity == severity && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

func real(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(contentFolder(t), pattern))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "LECTERN_CONTENT has nothing for %s", pattern)
	return paths
}

// manifestOnly are packages whose launch files are not in them: they are for parsers, not for learners.
var manifestOnly = []string{
	"AdlAttributes_SCORM20043rdEdition.zip", "ContentPackagingNoSchemaVersion_SCORM20042ndEdition.zip", "MinimalValid_SCORM20043rdEdition.zip",
	"ComplexNestedOrganization_SCORM12.zip", "pre-ort.zip",
}

func TestRealPackagesAreRead(t *testing.T) {
	for pattern, standard := range map[string]content.Standard{
		"scorm12/*.zip": content.SCORM12, "scorm2004/*.zip": content.SCORM2004, "aicc/*.zip": content.AICC, "xapi/*.zip": content.XAPI,
		"cmi5/*.zip": content.CMI5, "cmi5-lms-cases/0*.zip": content.CMI5, "cmi5-lms-cases/1*": content.CMI5, "adl-2004-4th/packages/*.zip": content.SCORM2004,
	} {
		for _, path := range real(t, pattern) {
			name := filepath.Base(path)
			o := manifest.Options{AllowMissingFiles: slices.Contains(manifestOnly, name) || strings.HasPrefix(pattern, "adl")}
			r := readReal(t, path, o)
			require.Empty(t, rulesOf(r.Report, content.SeverityError), "%s: %+v", name, r.Report.Findings)
			require.Equal(t, standard, r.Structure.Standard, name)
			require.NotEmpty(t, r.Structure.Leaves(), name)
			require.NotEmpty(t, r.Structure.ID, name)
			require.NotEmpty(t, r.Structure.Title, name)
			for _, edition := range []string{"2nd", "3rd", "4th"} {
				if strings.Contains(name, "2004"+edition) {
					require.Equal(t, edition, r.Structure.Edition, name)
				}
			}
		}
	}
}

func TestACourseOfMoreThanAThousandUnitsIsRead(t *testing.T) {
	r := readReal(t, filepath.Join(contentFolder(t), "cmi5-lms-cases/101-one-thousand-aus.xml"), manifest.Options{})
	require.Len(t, r.Structure.Leaves(), 1001)
}

func TestManifestsWithoutTheirFilesAreRefusedForThatOnly(t *testing.T) {
	for _, name := range manifestOnly {
		for _, path := range real(t, "*/"+name) {
			r := readReal(t, path, manifest.Options{})
			require.Len(t, rulesOf(r.Report, content.SeverityError), 1, name)
			require.Contains(t, rulesOf(r.Report, content.SeverityError)[0], "launch-file-missing", name)
		}
	}
}

func TestRealPackagesThatMustBeRefused(t *testing.T) {
	for name, rule := range map[string]string{
		"malformed/InvalidFileReferences_SCORM12.zip":                   "scorm.resource.launch-file-missing",
		"malformed/InvalidMissingOrgIdentifier_SCORM20043rdEdition.zip": "scorm.organization.identifier-missing",
		"malformed/ItemWithNonExistentResourceId_SCORM12.zip":           "scorm.item.resource-unknown",
		"malformed/MalformedXml_SCORM12.zip":                            "xml.malformed",
		"malformed/MissingLaunchUrl_SCORM12.zip":                        "scorm.resource.launch-missing",
		"malformed/MissingRequiredFields_SCORM12.zip":                   "scorm.organization.title-missing",
		"cmi5-lms-cases/201-1-iris-course-id.xml":                       "cmi5.id.not-absolute",
		"cmi5-lms-cases/201-2-iris-block-id.xml":                        "cmi5.id.not-absolute",
		"cmi5-lms-cases/201-3-iris-au-id.xml":                           "cmi5.id.not-absolute",
		"cmi5-lms-cases/201-4-iris-objective-id.xml":                    "cmi5.id.not-absolute",
		"cmi5-lms-cases/202-1-relative-url-no-zip.xml":                  "cmi5.au.url-relative",
		"cmi5-lms-cases/202-2-relative-url-no-zip.xml":                  "cmi5.au.url-relative",
		"cmi5-lms-cases/202-3-relative-url-no-zip.xml":                  "cmi5.au.url-relative",
		"cmi5-lms-cases/202-4-relative-url-no-zip.xml":                  "cmi5.au.url-relative",
		"cmi5-lms-cases/202-5-relative-url-no-zip.xml":                  "cmi5.au.url-relative",
		"cmi5-lms-cases/203-1-relative-url-no-reference.zip":            "cmi5.au.file-missing",
		"cmi5-lms-cases/204-query-string-conflict-endpoint.xml":         "cmi5.au.url-query",
		"cmi5-lms-cases/205-1-duplicated-block.xml":                     "cmi5.block.id-duplicate",
		"cmi5-lms-cases/205-2-duplicated-objective.xml":                 "cmi5.objective.id-duplicate",
		"cmi5-lms-cases/205-3-duplicated-au.xml":                        "cmi5.au.id-duplicate",
		"cmi5-lms-cases/206-1-invalid-au-url.xml":                       "href.invalid",
		"cmi5-lms-cases/207-1-invalid-courseStructure.xml":              "cmi5.structure.invalid",
		"cmi5-lms-cases/210-1-no-cmi5-xml.zip":                          "package.not-recognised",
	} {
		path := filepath.Join(contentFolder(t), name)
		r := readReal(t, path, manifest.Options{})
		require.Contains(t, rulesOf(r.Report, content.SeverityError), rule, "%s: %+v", name, r.Report.Findings)
	}
	for _, pattern := range []string{"malformed/*", "cmi5-lms-cases/2*"} {
		for _, path := range real(t, pattern) {
			r := readReal(t, path, manifest.Options{})
			require.True(t, r.Report.Refused(), path)
		}
	}
}
