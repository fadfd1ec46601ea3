package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
)

// FuzzOpen: whatever is uploaded is either refused with a reason, or a package of safe names that gives no more than it
// says; and nothing about it is an internal error.
func FuzzOpen(f *testing.F) {
	f.Add(pack(f, "imsmanifest.xml", "<manifest/>", `media\film.mp4`, "film", "a/", ""))
	f.Add(pack(f, "../x", "", "a", "b", "a/b", "c"))
	f.Add(write(f, symlink()))
	f.Add(writeRaw(f, raw{name: "x", method: zip.Deflate, packed: 5e9, unpacked: 6e9, data: []byte("PK\x03\x04")}))
	f.Add([]byte("<courseStructure/>"))
	l := archive.DefaultLimits()
	l.Total = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte) {
		a, findings, err := archive.Open(bytes.NewReader(data), int64(len(data)), l)
		if err != nil {
			t.Fatal(err)
		}
		if refused := (&content.Report{Findings: findings}).Refused(); refused != (a == nil) {
			t.Fatalf("archive %v with findings %v", a != nil, findings)
		}
		if a == nil {
			return
		}
		for _, name := range a.Files() {
			if name == "" || path.Clean("/"+name) != "/"+name || strings.ContainsAny(name, "\\\x00") {
				t.Fatalf("unsafe name %q", name)
			}
			file, err := a.Open(name)
			if err == nil {
				var n int64
				n, err = io.Copy(io.Discard, file)
				_ = file.Close()
				if n > a.Size(name) || err == nil && n != a.Size(name) {
					t.Fatalf("%q has %d bytes and says %d: %v", name, n, a.Size(name), err)
				}
			}
			var damage *archive.Damage
			if err != nil && !errors.As(err, &damage) {
				t.Fatal(err)
			}
		}
	})
}
