package manifest

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// Package is the files of an uploaded package. Their names are known to be safe: no name is absolute or leaves the
// package. The files of a folder, or of an archive, are one.
type Package interface {
	fs.FS
	// Files are the paths of all files (no folders), with forward slashes, sorted.
	Files() []string
}

// Options say how strictly to read. The zero value is what an import wants.
type Options struct {
	// AllowMissingFiles makes a launch file that is not in the package a warning. A manifest that travels without its files can be
	// read with it.
	AllowMissingFiles bool
}

// Result is what was read.
type Result struct {
	// Structure is complete if the report does not refuse the package; otherwise it is as far as the reading came.
	Structure content.Structure
	// Report has everything but the number of files and bytes.
	Report content.Report
	// Folder is where in the package the course begins: "", or a path that ends in a slash when the manifest lies
	// further down. Launch paths are relative to it, and files outside it do not belong to the course.
	Folder string
}

// Read recognises and reads a package. An error is about reading the files themselves; what is wrong with the package
// is in the report.
func Read(p Package, o Options) (Result, error) {
	var found findings
	files := slices.DeleteFunc(slices.Clone(p.Files()), isSystemFile)
	f, name, ok := locate(files, &found)
	c := &course{source: source{findings: &found, file: name}, pkg: p, options: o}
	if ok {
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			c.folder = name[:i+1]
		}
		c.files = newFileIndex(files, c.folder)
		f.parse(c)
	}
	return c.result(), c.err
}

// ReadFile reads an upload that is not an archive: a cmi5 course structure may come alone (cmi5 14.2), and nothing else
// can. The name is for the report.
func ReadFile(name string, data []byte, o Options) Result {
	c := &course{source: source{findings: &findings{}, file: name}, options: o, files: newFileIndex(nil, "")}
	readBare(c, data)
	return c.result()
}

func count(a *content.Activity) int {
	n := 1
	for i := range a.Children {
		n += count(&a.Children[i])
	}
	return n
}

func (c *course) result() Result {
	if n := count(&c.structure.Root); n > maxUnits {
		c.report(tooLarge, 0, "The course has %d activities, more than %d.", n, maxUnits)
	}
	s := c.structure
	return Result{
		Structure: s, Folder: c.folder,
		Report: content.Report{
			Standard: s.Standard, Edition: s.Edition, Title: s.Title, Manifest: c.file, Findings: c.sorted(),
		},
	}
}
