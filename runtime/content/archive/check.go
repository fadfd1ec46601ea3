package archive

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

const (
	repack   = "Pack the course again with a common zip tool, or export it again."
	fewer    = "Leave out what the course does not need, or split it into several courses."
	encrypts = 0x1 // general purpose flag (APPNOTE.TXT 4.4.4)
)

// checker turns the entries of a directory into files, and says everything that is wrong with them.
type checker struct {
	findings
	limits Limits
	size   int64 // of the archive
	files  map[string]*entry
	order  []*entry
	folded map[string]string // lower case → name
}

// entry looks at one entry of the directory.
func (c *checker) entry(f *zip.File) {
	raw := decodeName(f)
	name, problem := normalise(raw, c.limits.Name)
	switch problem {
	case escapes:
		c.refuse(string(escapes), raw, "the path leads out of the package: it is absolute, names a drive, or contains \"..\"", repack)
		return
	case badName:
		c.refuse(string(badName), raw, fmt.Sprintf("the path has %d bytes or contains control characters; at most %d bytes of text will do", len(raw), c.limits.Name), "Rename the file.")
		return
	case unserved:
		c.refuse(string(unserved), raw, "a name in the path cannot be part of an address: "+reasonUnserved(name), "Rename the file, and what refers to it.")
		return
	}
	if f.Mode().IsDir() && f.UncompressedSize64 == 0 || name == "" && f.UncompressedSize64 == 0 {
		return // folders follow from the files in them
	}
	if !f.Mode().IsRegular() {
		c.refuse("archive.not-a-regular-file", name, "the entry is "+kind(f.Mode())+", not a regular file", "Pack the file itself in its place.")
		return
	}
	if isJunk(name) {
		return
	}
	switch {
	case name == "":
		c.refuse(string(badName), raw, "a file has no name", repack)
	case f.Flags&encrypts != 0:
		c.refuse("archive.encrypted", name, "the entry is encrypted", "Pack the course again without a password.")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		c.refuse("archive.unsupported-method", name, fmt.Sprintf("the entry is packed by method %d; 0 (store) and 8 (deflate) are read", f.Method), "Pack the course again with the method deflate.")
	default:
		c.file(name, f)
	}
}

func (c *checker) file(name string, f *zip.File) {
	if c.files[name] != nil {
		c.refuse("archive.duplicate-name", name, "two entries have this path", "Keep one of them.")
		return
	}
	lower := strings.ToLower(name)
	if other, taken := c.folded[lower]; taken {
		c.add(content.SeverityWarning, "archive.names-differ-in-case", name, fmt.Sprintf("its path differs from %q in upper and lower case only", printable(other)),
			"Keep one of them, or rename one: other systems hold them for the same file.")
	}
	packed, unpacked := f.CompressedSize64, f.UncompressedSize64
	if unpacked > uint64(c.limits.Total) || packed > uint64(c.size) {
		c.refuse("archive.too-large", name, fmt.Sprintf("the entry says that it has %d bytes, %d of them packed; the archive has %d, and at most %d are unpacked", unpacked, packed, c.size, c.limits.Total), fewer)
		return
	}
	if int64(unpacked) > c.limits.RatioFrom && int64(unpacked)/c.limits.Ratio > int64(packed) {
		c.refuse("archive.ratio", name, fmt.Sprintf("%d bytes unpack to %d, more than %d times as many", packed, unpacked, c.limits.Ratio), "Replace the file: it is empty space for the most part.")
		return
	}
	e := &entry{name: name, size: int64(unpacked), zip: f}
	c.files[name], c.folded[lower] = e, name
	c.order = append(c.order, e)
}

// whole looks at what only all entries together show.
func (c *checker) whole() error {
	var total int64
	for _, e := range c.order {
		if total += e.size; total > c.limits.Total {
			c.refuse("archive.too-large", "", fmt.Sprintf("all files together have more than %d bytes", c.limits.Total), fewer)
			break
		}
	}
	if total > c.limits.RatioFrom && total/c.limits.Ratio > c.size {
		c.refuse("archive.ratio", "", fmt.Sprintf("%d bytes unpack to at least %d, more than %d times as many", c.size, total, c.limits.Ratio), fewer)
	}
	for _, e := range c.order {
		for folder := path.Dir(e.name); folder != "."; folder = path.Dir(folder) {
			if c.files[folder] != nil {
				c.refuse("archive.duplicate-name", folder, "one entry has this path as a file, others as a folder", "Rename one of them.")
			}
		}
	}
	if len(c.order) == 0 && !c.refused() {
		c.refuse("archive.empty", "", "the archive has no files", repack)
	}
	return c.overlaps()
}

// overlaps refuses entries that share bytes: a few kilobytes can otherwise unpack to petabytes within any ratio for one
// entry (D. Fifield, "A better zip bomb", 2019).
func (c *checker) overlaps() error {
	type span struct {
		from, to int64
		e        *entry
	}
	var spans []span
	for _, e := range c.order {
		from, err := e.zip.DataOffset()
		if isSourceError(err) {
			return fmt.Errorf("archive: %w", err)
		}
		to := from + int64(e.zip.CompressedSize64)
		if err != nil || to > c.size {
			c.refuse("archive.damaged", e.name, "the directory says that the entry is where it is not", repack)
			continue
		}
		spans = append(spans, span{from, to, e})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	const header = 30 // bytes before the data of an entry, at least (APPNOTE.TXT 4.3.7)
	for i := 1; i < len(spans); i++ {
		if spans[i].from-header < spans[i-1].to {
			c.refuse("archive.overlapping-entries", spans[i].e.name, fmt.Sprintf("its bytes are those of %q too", printable(spans[i-1].e.name)), repack)
		}
	}
	return nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode.IsDir():
		return "a folder with content"
	default:
		return "a device, pipe or socket"
	}
}

// unreadable says why the directory could not be read at all.
func (c *checker) unreadable(err error, head []byte) {
	switch {
	case errors.Is(err, errDirectoryTooLarge):
		c.tooMany()
	case strings.HasPrefix(string(head), "PK\x03\x04"):
		c.refuse("archive.truncated", "", "it begins like a zip archive and ends without the directory of one", "Upload it again; if that does not help, pack the course again.")
	default:
		c.refuse("archive.not-a-zip", "", "it is neither a zip archive nor an XML course structure", "Upload the zip file that the authoring tool exported.")
	}
}

func (c *checker) tooMany() {
	c.refuse("archive.too-many-entries", "", fmt.Sprintf("the archive lists more than %d entries", c.limits.Entries), fewer)
}
