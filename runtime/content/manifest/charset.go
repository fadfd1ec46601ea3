package manifest

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var (
	xmlEncodingUnknown = rule{"xml.encoding-unknown", refuses, "Save the file as UTF-8 and declare encoding=\"UTF-8\".", "XML 1.0 4.3.3"}
	xmlEncodingWrong   = rule{"xml.encoding-wrong", warns, "Save the file as UTF-8 and declare encoding=\"UTF-8\"; check letters with accents in titles.", "XML 1.0 4.3.3"}
)

var (
	declaredEncoding = regexp.MustCompile(`^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)
	wide             = regexp.MustCompile(`^(utf-?16|ucs-?2|utf-?32|ucs-?4|iso-10646-ucs)`)
)

// decodeXML turns a document into UTF-8: by its byte order mark, its first bytes, or its declaration, in that order. A document
// whose bytes contradict the declaration is read as what its bytes say.
func decodeXML(data []byte, s source) ([]byte, bool) {
	if encoded := byFirstBytes(data); encoded != nil {
		return convert(data, encoded, s)
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	data = bytes.TrimLeft(data, " \t\r\n\x00") // white space before the declaration breaks strict parsers
	name := "utf-8"
	if m := declaredEncoding.FindSubmatch(data[:min(len(data), 512)]); m != nil {
		name = strings.ToLower(string(m[1]))
	}
	if wide.MatchString(name) {
		s.report(xmlEncodingWrong, 1, "The document declares %s and is written with one byte a letter; it is read as UTF-8.", name)
		name = "utf-8"
	}
	if name == "utf-8" || name == "utf8" || name == "us-ascii" {
		if utf8.Valid(data) {
			return data, true
		}
		s.report(xmlEncodingWrong, 1, "The document is said to be %s and has bytes that are not; it is read as Windows-1252.", name)
		return convert(data, charmap.Windows1252, s)
	}
	encoded, _ := charset.Lookup(name)
	if encoded == nil {
		s.report(xmlEncodingUnknown, 1, "The document declares the encoding %q, which is not known.", name)
		return nil, false
	}
	return convert(data, encoded, s)
}

// byFirstBytes recognises UTF-16 by its byte order mark, or by how "<" looks in it (XML 1.0 appendix F).
func byFirstBytes(data []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{'<', 0}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}), bytes.HasPrefix(data, []byte{0, '<'}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

func convert(data []byte, from encoding.Encoding, s source) ([]byte, bool) {
	text, err := io.ReadAll(from.NewDecoder().Reader(bytes.NewReader(data)))
	if err != nil {
		s.report(xmlEncodingUnknown, 1, "The document cannot be read in its encoding: %v.", err)
		return nil, false
	}
	return text, true
}
