package sample_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/sample"
)

func TestPackagesHoldWhatTheirManifestNames(t *testing.T) {
	for version, pack := range map[string]func() ([]byte, error){"2004 4th Edition": sample.Zip, "1.2": sample.Zip12} {
		content, err := pack()
		require.NoError(t, err)
		again, err := pack()
		require.NoError(t, err)
		require.Equal(t, content, again)

		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		require.NoError(t, err)
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
		}
		require.ElementsMatch(t, []string{"imsmanifest.xml", "course.css", "scorm.js", "lesson.html", "lesson.js", "quiz.html", "quiz.js"}, names)
		f, err := z.Open("imsmanifest.xml")
		require.NoError(t, err)
		manifest, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Contains(t, string(manifest), "<schemaversion>"+version+"</schemaversion>")
		require.Contains(t, string(manifest), "<title>"+sample.Title+"</title>")
	}
}
