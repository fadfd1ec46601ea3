// Package archive reads uploaded packages, and trusts nothing in them.
//
// What is wrong with an archive is a list of findings, all at once; an error is about the disk below. Sizes are those
// that the directory declares: they are checked against Limits when the archive is opened, and whatever is read is
// held to them, so an entry that declares less than it has ends in an error instead of a full disk. Memory is bound by
// the directory: about 100 bytes and the path for each entry.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/lectern/lectern/runtime/content"
)

// BareName is the path of a course structure that came without an archive (cmi5 section 14.1).
const BareName = "cmi5.xml"

// Archive is a package whose entries have been checked. It is a file system (fs.FS) of files; folders cannot be
// opened. Files may be read concurrently.
type Archive struct {
	files map[string]*entry
	order []*entry
}

type entry struct {
	name string
	size int64
	zip  *zip.File         // nil: bare
	bare *io.SectionReader // a course structure without an archive
}

// Open checks the size bytes in r. The archive is nil if a finding is an error; findings may also be warnings. An error
// means that r could not be read, and says nothing of the package.
func Open(r io.ReaderAt, size int64, l Limits) (*Archive, []content.Finding, error) {
	s := &source{r: r, size: size}
	s.left.Store(l.directory() + 1<<10)
	c := &checker{limits: l, size: size, files: map[string]*entry{}, folded: map[string]string{}}
	head := make([]byte, min(size, 512))
	if _, err := s.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("archive: %w", err)
	}
	if looksLikeXML(head) {
		return openBare(s, c)
	}
	z, err := zip.NewReader(s, size)
	switch {
	case isSourceError(err):
		return nil, nil, fmt.Errorf("archive: %w", err)
	case err != nil && !errors.Is(err, zip.ErrInsecurePath): // names are checked below
		c.unreadable(err, head)
		return nil, c.all(), nil
	}
	s.left.Store(-1)
	if len(z.File) > l.Entries {
		c.tooMany()
		return nil, c.all(), nil
	}
	for _, f := range z.File {
		c.entry(f)
	}
	if err := c.whole(); err != nil {
		return nil, nil, err
	}
	if c.refused() {
		return nil, c.all(), nil
	}
	return &Archive{files: c.files, order: c.order}, c.all(), nil
}

func openBare(s *source, c *checker) (*Archive, []content.Finding, error) {
	s.left.Store(-1)
	if s.size > c.limits.BareXML {
		c.refuse("archive.too-large", "", fmt.Sprintf("the course structure has %d bytes; at most %d will do", s.size, c.limits.BareXML), fewer)
		return nil, c.all(), nil
	}
	e := &entry{name: BareName, size: s.size, bare: io.NewSectionReader(s, 0, s.size)}
	return &Archive{files: map[string]*entry{e.name: e}, order: []*entry{e}}, nil, nil
}

// looksLikeXML: a "<" after white space, in UTF-8 or UTF-16, with or without byte order mark.
func looksLikeXML(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	for _, mark := range []string{"\xFF\xFE<\x00", "\xFE\xFF\x00<"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<"))
}

// Files are the paths of all files, sorted: slash-separated, from the top of the archive.
func (a *Archive) Files() []string {
	list := make([]string, len(a.order))
	for i, e := range a.order {
		list[i] = e.name
	}
	slices.Sort(list)
	return list
}

// Size is how many bytes a file has, unpacked; 0 if there is no such file.
func (a *Archive) Size(name string) int64 {
	if e := a.files[name]; e != nil {
		return e.size
	}
	return 0
}

// Bare says that the package is a course structure that came without an archive: its one file is BareName.
func (a *Archive) Bare() bool { return len(a.order) == 1 && a.order[0].bare != nil }

// Open implements fs.FS. The file gives exactly its Size bytes, or a *Damage.
func (a *Archive) Open(name string) (fs.File, error) {
	e := a.files[name]
	if e == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return e.open()
}
