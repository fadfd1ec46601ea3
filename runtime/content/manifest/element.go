package manifest

import (
	"encoding/xml"
	"strings"
)

// element is an XML element with the line that it begins on.
type element struct {
	name     xml.Name
	attrs    []xml.Attr
	children []*element
	text     strings.Builder // all character data directly in it
	line     int
}

// is says whether the element has a local name. Case is ignored: adlcp:dataFromLMS and adlcp:datafromlms are both about.
func (e *element) is(local string) bool { return strings.EqualFold(e.name.Local, local) }

// own is the children of a name in the element's own namespace.
func (e *element) own(local string) []*element {
	var list []*element
	for _, c := range e.children {
		if c.is(local) && c.name.Space == e.name.Space {
			list = append(list, c)
		}
	}
	return list
}

// first is the first child of a name in the element's own namespace, or nil.
func (e *element) first(local string) *element {
	for _, c := range e.children {
		if c.is(local) && c.name.Space == e.name.Space {
			return c
		}
	}
	return nil
}

// extensions is the children of a name from a vocabulary such as adlcp. Versions of a namespace, a prefix that was never
// declared, and an extension without any prefix are taken for what was meant.
func (e *element) extensions(vocabulary, local string) []*element {
	var list []*element
	for _, c := range e.children {
		if c.is(local) && (c.in(vocabulary) || c.name.Space == e.name.Space) {
			list = append(list, c)
		}
	}
	return list
}

// extension is the first of extensions, or nil.
func (e *element) extension(vocabulary, local string) *element {
	if list := e.extensions(vocabulary, local); len(list) > 0 {
		return list[0]
	}
	return nil
}

// in says whether the element's namespace belongs to a vocabulary: adlcp, adlseq, adlnav or imsss.
func (e *element) in(vocabulary string) bool {
	return strings.Contains(strings.ToLower(e.name.Space), vocabulary)
}

// attr is an attribute by its local name, in any namespace and case, trimmed.
func (e *element) attr(local string) (string, bool) {
	for _, a := range e.attrs {
		if strings.EqualFold(a.Name.Local, local) && a.Name.Space != "xmlns" {
			return strings.TrimSpace(a.Value), true
		}
	}
	return "", false
}

// value is an attribute, or "".
func (e *element) value(local string) string {
	v, _ := e.attr(local)
	return v
}

// size is how many elements it is, with all below it.
func (e *element) size() int {
	n := 1
	for _, c := range e.children {
		n += c.size()
	}
	return n
}

// content is the trimmed text of the element; "" for nil.
func (e *element) content() string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.text.String())
}

// label is the text of a title: white space collapsed.
func (e *element) label() string {
	return strings.Join(strings.Fields(e.content()), " ")
}
