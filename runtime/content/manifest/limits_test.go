package manifest_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// oversized are packages that are too much of something, with the one error that says so.
func oversized() map[string]struct {
	pkg  memory
	rule string
} {
	scorm := func(items, resources, collection string) memory {
		return memory{"imsmanifest.xml": {Data: []byte(`<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
<metadata><schemaversion>2004 3rd Edition</schemaversion></metadata><organizations default="o"><organization identifier="o"><title>Big</title>` + items +
			`</organization></organizations><resources>` + resources + `</resources>` + collection + `</manifest>`)}, "a.html": {}}
	}
	numbered := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	page := `<resource identifier="r" scormType="sco" href="a.html"/>`
	type one = struct {
		pkg  memory
		rule string
	}
	return map[string]one{
		"bytes":      {memory{"tincan.xml": {Data: make([]byte, 16<<20+1)}}, "manifest.too-large"},
		"depth":      {memory{"tincan.xml": {Data: []byte(strings.Repeat("<a>", 200))}}, "manifest.too-large"},
		"elements":   {memory{"tincan.xml": {Data: []byte("<a>" + strings.Repeat("<b/>", 300_001) + "</a>")}}, "manifest.too-large"},
		"activities": {scorm(numbered(20_001, `<item identifier="i%d" identifierref="r"><title>I</title></item>`), page, ""), "manifest.too-large"},
		"sequencing by reference": {scorm(
			numbered(400, `<item identifier="i%d" identifierref="r"><title>I</title><imsss:sequencing IDRef="s"/></item>`), page,
			`<imsss:sequencingCollection><imsss:sequencing ID="s"><imsss:sequencingRules>`+
				strings.Repeat(`<imsss:preConditionRule/>`, 1_000)+`</imsss:sequencingRules></imsss:sequencing></imsss:sequencingCollection>`), "manifest.too-large"},
		"URL": {scorm(`<item identifier="i" identifierref="r"><title>I</title></item>`,
			`<resource identifier="r" scormType="sco" href="`+strings.Repeat("a", 5_000)+`"/>`, ""), "href.invalid"},
		"blocks": {memory{
			"c.crs": {}, "c.au": {Data: []byte("system_id,file_name\nA1,http://example.com/\n")},
			"c.cst": {Data: []byte("block,member\nroot,B0\n" + numbered(500, "B%[1]d,B%[1]d1\n") + chain(500))},
		}, "manifest.too-large"},
	}
}

// chain is blocks that each contain the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "B%d,B%d\n", i, i+1)
	}
	return b.String()
}

func TestWhatIsTooMuchIsRefusedAndNotWorkedThrough(t *testing.T) {
	for name, c := range oversized() {
		t.Run(name, func(t *testing.T) {
			r, err := manifest.Read(c.pkg, manifest.Options{})
			require.NoError(t, err)
			require.Equal(t, []string{c.rule}, rulesOf(r.Report, content.SeverityError))
		})
	}
}

func TestAReportOfThousandsOfFindingsStaysShort(t *testing.T) {
	files := strings.Repeat(`<file href="gone.html"/>`, 2_000)
	r, err := manifest.Read(memory{"a.html": {}, "imsmanifest.xml": {Data: []byte(`<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2">
<metadata><schemaversion>1.2</schemaversion></metadata><organizations default="o"><organization identifier="o"><title>T</title>
<item identifier="i" identifierref="r"><title>I</title></item></organization></organizations>
<resources><resource identifier="r" scormtype="sco" href="a.html">` + files + `</resource></resources></manifest>`)}}, manifest.Options{})
	require.NoError(t, err)
	require.False(t, r.Report.Refused())
	require.Len(t, r.Report.Findings, 50)
	require.Contains(t, r.Report.Findings[49].Message, "(and 1950 more like this)")
}

func TestAMessageQuotesOnlyTheBeginningOfSomethingLong(t *testing.T) {
	r := manifest.ReadFile("a.xml", []byte("<"+strings.Repeat("a", 100_000)+"/>"), manifest.Options{})
	require.Len(t, r.Report.Findings, 1)
	require.Less(t, len(r.Report.Findings[0].Message), 600)
}

func TestAFileThatCannotBeReadIsAnErrorAndNoFinding(t *testing.T) {
	damage := errors.New("checksum")
	_, err := manifest.Read(broken{damage}, manifest.Options{})
	require.ErrorIs(t, err, damage)
	require.ErrorContains(t, err, "cmi5.xml")
}

// broken is a package that cannot be read.
type broken struct{ err error }

func (b broken) Files() []string { return []string{"cmi5.xml"} }
func (b broken) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: b.err}
}
