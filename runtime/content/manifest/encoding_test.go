package manifest_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content/manifest"
)

// encodings are manifests as editors save them, with the rules that a report names; all have the title Élan, but where they cannot be read.
func encodings() map[string]struct {
	data  []byte
	rules []string
} {
	document := func(declared string) string {
		return `<?xml version="1.0" encoding="` + declared + `"?>` + "\n" + `<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities>
<activity id="http://example.com/a"><name>Élan</name><launch>a.html</launch></activity></activities></tincan>`
	}
	latin := func(s string) []byte { return []byte(strings.ReplaceAll(s, "É", "\xC9")) }
	wide := func(s string, order binary.ByteOrder, mark bool) []byte {
		var data []byte
		if mark {
			s = "\uFEFF" + s
		}
		for _, unit := range utf16.Encode([]rune(s)) {
			data = append(data, 0, 0)
			order.PutUint16(data[len(data)-2:], unit)
		}
		return data
	}
	type one = struct {
		data  []byte
		rules []string
	}
	return map[string]one{
		"UTF-8":                                 {[]byte(document("UTF-8")), nil},
		"UTF-8 with a byte order mark":          {[]byte("\uFEFF" + document("utf-8")), nil},
		"UTF-8 after blank lines":               {[]byte("\r\n \n" + document("utf-8")), nil},
		"UTF-8 said to be UTF-16":               {[]byte(document("UTF-16")), []string{"xml.encoding-wrong"}},
		"UTF-16LE with a byte order mark":       {wide(document("UTF-16"), binary.LittleEndian, true), nil},
		"UTF-16BE with a byte order mark":       {wide(document("UTF-16"), binary.BigEndian, true), nil},
		"UTF-16LE without":                      {wide(document("UTF-16"), binary.LittleEndian, false), nil},
		"UTF-16BE without":                      {wide(document("UTF-16"), binary.BigEndian, false), nil},
		"ISO-8859-1":                            {latin(document("ISO-8859-1")), nil},
		"Windows-1252":                          {latin(document("windows-1252")), nil},
		"Windows-1252 said to be UTF-8":         {latin(document("UTF-8")), []string{"xml.encoding-wrong"}},
		"an encoding that does not exist":       {[]byte(document("x-morse")), []string{"xml.encoding-unknown"}},
		"a version that does not exist":         {[]byte(strings.Replace(document("UTF-8"), "1.0", "9.0", 1)), []string{"xml.malformed"}},
		"two roots":                             {[]byte(document("UTF-8") + "<tincan/>"), []string{"xml.malformed"}},
		"no element":                            {[]byte("<!-- nothing -->"), []string{"xml.malformed"}},
		"no byte":                               {nil, []string{"xml.malformed"}},
		"an entity of its own, a billion times": {[]byte(`<!DOCTYPE t [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><tincan>&b;</tincan>`), []string{"xml.malformed"}},
		"an entity of another file":             {[]byte(`<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><tincan>&x;</tincan>`), []string{"xml.malformed"}},
	}
}

func TestManifestsAreReadInTheEncodingThatTheyAreWrittenIn(t *testing.T) {
	for name, c := range encodings() {
		t.Run(name, func(t *testing.T) {
			r, err := manifest.Read(memory{"tincan.xml": {Data: c.data}, "a.html": &fstest.MapFile{}}, manifest.Options{})
			require.NoError(t, err)
			var rules []string
			for _, f := range r.Report.Findings {
				rules = append(rules, f.Rule)
			}
			require.Equal(t, c.rules, rules)
			if !r.Report.Refused() {
				require.Equal(t, "Élan", r.Structure.Title)
			}
		})
	}
}

func TestTablesOfAICCMayBeWindows1252(t *testing.T) {
	r, err := manifest.Read(memory{
		"c.crs": {Data: []byte("[Course]\nCourse_ID=1\nCourse_Title=\xC9lan")},
		"c.au":  {Data: []byte("\xEF\xBB\xBFsystem_id,file_name\nA1,http://example.com/")},
	}, manifest.Options{})
	require.NoError(t, err)
	require.Equal(t, "Élan", r.Structure.Title)
	require.Equal(t, "A1", r.Structure.Root.Children[0].ID)
}
