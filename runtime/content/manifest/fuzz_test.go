package manifest_test

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/manifest"
)

// FuzzRead: whatever a package holds, reading it ends, and what is not refused can be stored and launched. The input is a
// package as a txtar archive.
func FuzzRead(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no fixtures", err)
	}
	for _, path := range paths {
		fixture, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		fixture.Comment = nil
		fixture.Files, _ = split(fixture)
		f.Add(txtar.Format(fixture))
	}
	for _, c := range encodings() {
		f.Add(txtar.Format(&txtar.Archive{Files: []txtar.File{{Name: "tincan.xml", Data: c.data}, {Name: "a.html"}}}))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pkg := memory{}
		for _, file := range txtar.Parse(data).Files {
			if fs.ValidPath(file.Name) && file.Name != "." {
				pkg[file.Name] = &fstest.MapFile{Data: file.Data}
			}
		}
		r, err := manifest.Read(pkg, manifest.Options{})
		if err != nil {
			t.Skip(err) // a file that is also a folder, which no archive has
		}
		playable(t, r, pkg)
		for name, file := range pkg {
			playable(t, manifest.ReadFile(name, file.Data, manifest.Options{}), nil)
		}
	})
}

// playable fails unless a package was refused with a reason, or says all that playing it takes.
func playable(t *testing.T, r manifest.Result, pkg memory) {
	for _, f := range r.Report.Findings {
		if f.Rule == "" || f.Message == "" || f.Remedy == "" || f.Severity == "" || f.Line < 0 {
			t.Fatalf("a finding that does not say enough: %+v", f)
		}
	}
	stored, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("cannot be stored: %v", err)
	}
	if r.Report.Refused() {
		return
	}
	if r.Structure.Standard == "" || len(r.Structure.Leaves()) == 0 {
		t.Fatalf("nothing to play: %s", stored)
	}
	ids := map[string]bool{}
	var walk func(a *content.Activity)
	walk = func(a *content.Activity) {
		if a.ID == "" || ids[a.ID] {
			t.Fatalf("the id %q is empty or not unique: %s", a.ID, stored)
		}
		ids[a.ID] = true
		if a.Launch != "" {
			launchable(t, r.Folder, a.Launch, pkg)
		}
		for i := range a.Children {
			walk(&a.Children[i])
		}
	}
	walk(&r.Structure.Root)
}

func launchable(t *testing.T, folder, launch string, pkg memory) {
	if strings.HasPrefix(strings.ToLower(launch), "http://") || strings.HasPrefix(strings.ToLower(launch), "https://") {
		return
	}
	name, _, _ := strings.Cut(launch, "?")
	name, _, _ = strings.Cut(name, "#")
	name, err := url.PathUnescape(name)
	if err != nil || pkg[folder+name] == nil {
		t.Fatalf("%q leads to no file of the package: %v", launch, err)
	}
}
