package manifest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Limits of a manifest. The largest that authoring tools are known to write stay far below.
const (
	maxBytes    = 16 << 20
	maxDepth    = 100
	maxElements = 300_000
	maxUnits    = 20_000 // activities of one course
	maxURL      = 4_096  // characters
)

var (
	xmlMalformed = rule{"xml.malformed", refuses, "Correct the XML at that line; export the package again if a tool wrote it.", "XML 1.0 2.1"}
	tooLarge     = rule{"manifest.too-large", refuses, "Split the course, or take metadata out of the manifest into files of its own.", ""}
)

// errTooLarge is the fault of a file that is beyond maxBytes.
var errTooLarge = errors.New("too large")

// readFile reads a file of the package up to maxBytes.
func readFile(p fs.FS, name string) ([]byte, error) {
	f, err := p.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening %s of the package: %w", name, err)
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s of the package: %w", name, err)
	}
	if len(data) > maxBytes {
		return nil, errTooLarge
	}
	return data, nil
}

// parseXML reads a document into elements, or reports why not and returns nil. External entities are never fetched, and
// entities that a document defines itself are not expanded: encoding/xml knows neither.
func parseXML(data []byte, s source) *element {
	text, ok := decodeXML(data, s)
	if !ok {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Entity = xml.HTMLEntity // &nbsp; and friends, out of titles that were pasted from pages
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var root *element
	var open []*element
	for n := 0; ; {
		line, _ := d.InputPos()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			reportMalformed(s, err)
			return nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			n++
			if n > maxElements || len(open) >= maxDepth {
				s.report(tooLarge, line, "The document has more than %d elements, or nests them deeper than %d.", maxElements, maxDepth)
				return nil
			}
			e := &element{name: t.Name, attrs: t.Attr, line: line}
			switch {
			case len(open) > 0:
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			case root == nil:
				root = e
			default:
				s.report(xmlMalformed, line, "A second root element <%s> follows <%s>.", t.Name.Local, root.name.Local)
				return nil
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text.Write(t)
			}
		}
	}
	if root == nil {
		s.report(xmlMalformed, 1, "The document has no element.")
	}
	return root
}

func reportMalformed(s source, err error) {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		s.report(xmlMalformed, syntax.Line, "The document is not well-formed XML: %s.", syntax.Msg)
		return
	}
	s.report(xmlMalformed, 1, "The document is not well-formed XML: %s.", strings.TrimPrefix(err.Error(), "xml: "))
}
