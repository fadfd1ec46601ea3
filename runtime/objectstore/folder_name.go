package objectstore

import (
	"fmt"
	"path"
	"strings"
)

// How a key becomes the path of a file. File systems may not tell A from a, nor the two ways of writing é, and a file
// cannot lie below another file; keys know none of that. So
//
//	a–z 0–9 . _ -        stay as they are
//	A–Z                  become ! and the small letter, as in Go's module cache
//	every other byte     becomes % and two hex digits
//	folders end in +     so key a is the file a, and key a/b the file a+/b
//	long names are cut   into folders that end in ~
//
// For instance content/demo/Über uns.html is content+/demo+/%c3%9cber%20uns.html.

// maxName is how many bytes of a name stay in one piece; file systems take 255.
const maxName = 200

// fileOf is the path of an object.
func fileOf(key string) string {
	folder, name := path.Split(key)
	return path.Join(folderOf(folder), cut(encode(name)))
}

// folderOf is the path of the folder that holds what is below a prefix.
func folderOf(prefix string) string {
	var names []string
	for segment := range strings.SplitSeq(strings.Trim(prefix, "/"), "/") {
		if segment != "" {
			names = append(names, cut(encode(segment))+"+")
		}
	}
	return path.Join(append([]string{objectsDir}, names...)...)
}

func encode(segment string) string {
	var b strings.Builder
	for _, c := range []byte(segment) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
			b.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			b.WriteByte('!')
			b.WriteByte(c - 'A' + 'a')
		default:
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

func cut(name string) string {
	var b strings.Builder
	for len(name) > maxName {
		b.WriteString(name[:maxName] + "~/")
		name = name[maxName:]
	}
	return b.String() + name
}
