package manifest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

func TestTheEditionIsThatOfTheSchemaversionOrElseOfTheNamespaces(t *testing.T) {
	const (
		none = ``
		v12  = `xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"`
		v13  = `xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"`
	)
	for _, c := range []struct {
		version, spaces, extra string
		standard               content.Standard
		edition, rule          string
	}{
		{"1.2", v12, "", content.SCORM12, "", ""},
		{" SCORM  1.2 ", none, "", content.SCORM12, "", ""},
		{"CAM 1.3", v13, "", content.SCORM2004, "2nd", ""},
		{"2004 2nd Edition", v13, "", content.SCORM2004, "2nd", ""},
		{"2004 3rd Edition", v13, "", content.SCORM2004, "3rd", ""},
		{"2004 4th edition", v13, "", content.SCORM2004, "4th", ""},
		{"1.2", v13, "", content.SCORM12, "", ""}, // what it says of itself counts
		{"", none, "", content.SCORM12, "", "scorm.schemaversion.missing"},
		{"", v12, "", content.SCORM12, "", "scorm.schemaversion.missing"},
		{"", v13, "", content.SCORM2004, "2nd", "scorm.schemaversion.missing"},
		{"", v13, `<adlcp:data/>`, content.SCORM2004, "4th", "scorm.schemaversion.missing"},
		{"1.1.4", v13, "", content.SCORM2004, "2nd", "scorm.schemaversion.unknown"},
	} {
		document := fmt.Sprintf(`<manifest identifier="m" %s><metadata><schemaversion>%s</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>T</title><item identifier="i" identifierref="r"><title>I</title>%s</item></organization></organizations>
<resources><resource identifier="r" adlcp:scormtype="sco" href="a.html"/></resources></manifest>`, c.spaces, c.version, c.extra)
		r, err := manifest.Read(memory{"imsmanifest.xml": {Data: []byte(document)}, "a.html": {}}, manifest.Options{})
		require.NoError(t, err)
		name := c.version + " " + c.spaces
		require.Equal(t, c.standard, r.Structure.Standard, name)
		require.Equal(t, c.edition, r.Structure.Edition, name)
		require.Equal(t, c.standard, r.Report.Standard, name)
		require.Equal(t, c.edition, r.Report.Edition, name)
		if c.rule == "" {
			require.Empty(t, r.Report.Findings, name)
		} else {
			require.Equal(t, []string{c.rule}, rulesOf(r.Report, content.SeverityWarning), name)
		}
	}
}

func TestWhatIsNoPackageIsDescribed(t *testing.T) {
	r, err := manifest.Read(memory{}, manifest.Options{})
	require.NoError(t, err)
	require.Contains(t, r.Report.Findings[0].Message, "it holds no file")
	r, err = manifest.Read(memory{"1": {}, "2": {}, "3": {}, "4": {}, "5": {}, "6": {}}, manifest.Options{})
	require.NoError(t, err)
	require.Contains(t, r.Report.Findings[0].Message, "it holds 1, 2, 3, 4, 5, ….")
	r = manifest.ReadFile("a.xml", make([]byte, 17<<20), manifest.Options{})
	require.Equal(t, []string{"manifest.too-large"}, rulesOf(r.Report, content.SeverityError))
}
