package archive

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/lectern/lectern/runtime/content/filename"
)

// decodeName is an entry's path as text. It is UTF-8 where that is valid, whatever the flag says, since many writers
// forget the flag and text of another encoding is hardly ever valid UTF-8. Otherwise the Info-ZIP Unicode path says
// it, if it is there, or it is CP437 (APPNOTE.TXT, appendix D).
func decodeName(f *zip.File) string {
	if utf8.ValidString(f.Name) {
		return f.Name
	}
	if name, ok := unicodePath(f); ok {
		return name
	}
	name, err := charmap.CodePage437.NewDecoder().String(f.Name)
	if err != nil { // every byte means something in CP437
		return strings.ToValidUTF8(f.Name, "\uFFFD")
	}
	return name
}

// unicodePath is the extra field 0x7075 (APPNOTE.TXT 4.6.9): version 1, the CRC-32 of the name it is for, UTF-8.
func unicodePath(f *zip.File) (string, bool) {
	for extra := f.Extra; len(extra) >= 4; {
		id, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if len(extra) < 4+size {
			return "", false
		}
		field := extra[4 : 4+size]
		extra = extra[4+size:]
		if id != 0x7075 || size < 5 || field[0] != 1 || binary.LittleEndian.Uint32(field[1:]) != crc32.ChecksumIEEE([]byte(f.Name)) {
			continue
		}
		if name := string(field[5:]); utf8.ValidString(name) {
			return name, true
		}
	}
	return "", false
}

// problem is why a path cannot be taken.
type problem string

const (
	fine     problem = ""
	escapes  problem = "archive.path-escapes"
	badName  problem = "archive.bad-name"
	unserved problem = "archive.name-not-servable"
)

// normalise is the path with forward slashes and without empty and "." segments; "" is the top folder itself. Windows
// tools write backslashes, which no platform that packages come from has in file names of a course.
func normalise(name string, limit int) (string, problem) {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || (len(name) >= 2 && name[1] == ':' && isLetter(name[0])) {
		return name, escapes
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == ".." {
			return name, escapes
		}
	}
	if len(name) > limit || strings.ContainsFunc(name, unfit) {
		return name, badName
	}
	if name = path.Clean(name); name == "." {
		return "", fine
	}
	if reasonUnserved(name) != "" {
		return name, unserved
	}
	return name, fine
}

// reasonUnserved is why the server would not answer for a path; "" if it does.
func reasonUnserved(name string) string {
	for segment := range strings.SplitSeq(name, "/") {
		if reason := filename.Problem(segment); reason != "" {
			return reason
		}
	}
	return ""
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isJunk: what operating systems leave in folders. Nobody refers to it.
func isJunk(name string) bool {
	switch strings.ToLower(path.Base(name)) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return name == "__MACOSX" || strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/")
}

// unfit: neither people nor the XML of object stores can write these.
func unfit(r rune) bool { return unicode.IsControl(r) || r == 0xfffe || r == 0xffff }
