package archive_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
)

// FuzzServable: whatever an entry is called, it is refused, or its file has an address that leads back to it, and a key that the store takes.
func FuzzServable(f *testing.F) {
	for _, name := range []string{"index.html", "100%25.html", "100%.html", "a%2fb", "%2e%2e/x", "Über uns/ü.html", `a\b.html`, "./a//b/", "a?b#c", "a\x00", "a\u0085", "\xff", "…", "+ &;=@:,", ".."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) > 60_000 {
			return
		}
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, NonUTF8: false})
		if err != nil {
			return
		}
		_, _ = w.Write([]byte("x")) // a folder takes none
		require.NoError(t, z.Close())
		a, findings, err := archive.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), archive.DefaultLimits())
		require.NoError(t, err)
		if a == nil {
			require.NotEmpty(t, findings)
			for _, finding := range findings {
				if finding.Severity == content.SeverityError {
					require.NotEmpty(t, finding.Message)
				}
			}
			return
		}
		for _, file := range a.Files() {
			grant, tenant, id, back, err := launch.ParseContentPath(launch.ContentPath("grant", "tenant", "content", file))
			require.NoError(t, err, "%q is imported and not served", file)
			require.Equal(t, []string{"grant", "tenant", "content", file}, []string{grant, tenant, id, back})
			require.NoError(t, objectstore.CheckKey(content.FilePrefix("tenant", "content")+file))
		}
	})
}
