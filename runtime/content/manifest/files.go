package manifest

import (
	"path"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// fileIndex finds the files of a course by the names that manifests give them: authors write on file systems that
// ignore case, and macOS decomposes accents.
type fileIndex struct {
	exact  map[string]bool
	folded map[string]string // folded name → real name
}

// newFileIndex indexes the files below a folder, by their names relative to it.
func newFileIndex(files []string, folder string) *fileIndex {
	x := &fileIndex{exact: make(map[string]bool, len(files)), folded: make(map[string]string, len(files))}
	for _, name := range files {
		relative, ok := strings.CutPrefix(name, folder)
		if !ok {
			continue
		}
		x.exact[relative] = true
		if key := fold(relative); x.folded[key] == "" {
			x.folded[key] = relative
		}
	}
	return x
}

// find returns the real name of a file.
func (x *fileIndex) find(name string) (string, bool) {
	if x.exact[name] {
		return name, true
	}
	found, ok := x.folded[fold(name)]
	return found, ok
}

func fold(name string) string {
	return strings.ToLower(norm.NFC.String(name))
}

// isSystemFile says whether an archiver of a desktop left the file: it is nobody's content.
func isSystemFile(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), "._")
}
