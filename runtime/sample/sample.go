// Package sample is a small course of the project's own: a lesson and a quiz, packaged for SCORM 2004 4th edition and for
// SCORM 1.2. It is what a laptop starts with, and a package that tests can rely on. Plain HTML and JavaScript, readable as an
// example of content that tracks itself properly.
package sample

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// Title of the course in both packages.
const Title = "Learning that lasts"

//go:embed course
var files embed.FS

const (
	manifest2004 = "imsmanifest-2004.xml"
	manifest12   = "imsmanifest-12.xml"
)

// Zip is the course as a SCORM 2004 4th edition package, byte for byte the same each time.
func Zip() ([]byte, error) { return pack(manifest2004) }

// Zip12 is the course as a SCORM 1.2 package.
func Zip12() ([]byte, error) { return pack(manifest12) }

func pack(manifest string) ([]byte, error) {
	course, err := fs.Sub(files, "course")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	err = fs.WalkDir(course, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(course, name)
		if err != nil {
			return err
		}
		switch {
		case name == manifest:
			name = "imsmanifest.xml"
		case strings.HasPrefix(name, "imsmanifest-"):
			return nil
		}
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("pack the sample course: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the sample course: %w", err)
	}
	return out.Bytes(), nil
}
