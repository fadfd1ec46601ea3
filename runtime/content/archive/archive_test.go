package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
)

func open(t testing.TB, data []byte, l archive.Limits) (*archive.Archive, []content.Finding) {
	t.Helper()
	a, findings, err := archive.Open(bytes.NewReader(data), int64(len(data)), l)
	require.NoError(t, err)
	refused := (&content.Report{Findings: findings}).Refused()
	require.Equal(t, refused, a == nil, "%v", findings)
	for _, f := range findings {
		require.NotEmpty(t, f.Message)
		require.NotEmpty(t, f.Remedy)
	}
	return a, findings
}

func rules(findings []content.Finding) []string {
	list := []string{}
	for _, f := range findings {
		list = append(list, f.Rule)
	}
	return list
}

// pack makes an archive of names and texts.
func pack(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var entries []entry
	for i := 0; i < len(pairs); i += 2 {
		entries = append(entries, entry{header: zip.FileHeader{Name: pairs[i], Method: zip.Deflate}, text: pairs[i+1]})
	}
	return write(t, entries...)
}

type entry struct {
	header zip.FileHeader
	text   string
}

func write(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&e.header)
		require.NoError(t, err)
		_, err = io.WriteString(f, e.text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestAPackageIsAFileSystem(t *testing.T) {
	data := pack(t, "imsmanifest.xml", "<manifest/>", "./shared//a.js", "1", `media\film.mp4`, "film", "empty.txt", "", "folder/", "",
		"__MACOSX/._a", "junk", "media/.DS_Store", "junk", "Thumbs.db", "junk")
	a, findings := open(t, data, archive.DefaultLimits())
	require.Empty(t, findings)
	require.False(t, a.Bare())
	require.Equal(t, []string{"empty.txt", "imsmanifest.xml", "media/film.mp4", "shared/a.js"}, a.Files())
	require.EqualValues(t, 4, a.Size("media/film.mp4"))
	text, err := fs.ReadFile(a, "media/film.mp4")
	require.NoError(t, err)
	require.Equal(t, "film", string(text))
	_, err = a.Open("media")
	require.ErrorIs(t, err, fs.ErrNotExist)
	f, err := a.Open("shared/a.js")
	require.NoError(t, err)
	info, err := f.Stat()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	require.Equal(t, "a.js", info.Name())
	require.EqualValues(t, 1, info.Size())
}

func TestNamesOfEveryAge(t *testing.T) {
	cp437 := zip.FileHeader{Name: "pr\x81fung.html", NonUTF8: true}
	old := zip.FileHeader{Name: "pr\x81fung2.html", NonUTF8: true, Extra: []byte("up\x13\x00\x01")}
	old.Extra = append(old.Extra, crc(old.Name)...)
	old.Extra = append(old.Extra, "prüfung2.html"...)
	unflagged := zip.FileHeader{Name: "übung.html", NonUTF8: true}
	a, findings := open(t, write(t, entry{header: cp437}, entry{header: old}, entry{header: unflagged}, entry{header: zip.FileHeader{Name: "試験.html"}}), archive.DefaultLimits())
	require.Empty(t, findings)
	require.Equal(t, []string{"prüfung.html", "prüfung2.html", "übung.html", "試験.html"}, a.Files())
}

func TestACourseStructureMayComeWithoutAnArchive(t *testing.T) {
	for _, text := range []string{"<courseStructure/>", "\xEF\xBB\xBF\r\n<?xml version='1.0'?><courseStructure/>", "\xFF\xFE<\x00a\x00"} {
		a, findings := open(t, []byte(text), archive.DefaultLimits())
		require.Empty(t, findings)
		require.True(t, a.Bare())
		require.Equal(t, []string{archive.BareName}, a.Files())
		got, err := fs.ReadFile(a, archive.BareName)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	l := archive.DefaultLimits()
	l.BareXML = 10
	_, findings := open(t, []byte("<courseStructure/>"), l)
	require.Equal(t, []string{"archive.too-large"}, rules(findings))
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	link := zip.FileHeader{Name: "link.html"}
	link.SetMode(fs.ModeSymlink | 0o777)
	pipe := zip.FileHeader{Name: "pipe"}
	pipe.SetMode(fs.ModeNamedPipe | 0o666)
	data := write(t,
		entry{zip.FileHeader{Name: "../../etc/passwd"}, "x"}, entry{zip.FileHeader{Name: `..\evil.exe`}, "x"}, entry{zip.FileHeader{Name: "/abs.html"}, "x"},
		entry{zip.FileHeader{Name: `C:\abs.html`}, "x"}, entry{zip.FileHeader{Name: "a/../b.html"}, "x"}, entry{zip.FileHeader{Name: "../"}, ""},
		entry{link, "/etc/passwd"}, entry{pipe, ""},
		entry{zip.FileHeader{Name: "a\x00b.html"}, "x"}, entry{zip.FileHeader{Name: strings.Repeat("x", 801)}, "x"},
		entry{zip.FileHeader{Name: "twice.html"}, "1"}, entry{zip.FileHeader{Name: "./twice.html"}, "2"}, entry{zip.FileHeader{Name: "Twice.html"}, "3"},
		entry{zip.FileHeader{Name: "both"}, "file"}, entry{zip.FileHeader{Name: "both/x.html"}, "in folder"},
	)
	_, findings := open(t, data, archive.DefaultLimits())
	require.ElementsMatch(t, []string{
		"archive.path-escapes", "archive.path-escapes", "archive.path-escapes", "archive.path-escapes", "archive.path-escapes", "archive.path-escapes",
		"archive.not-a-regular-file", "archive.not-a-regular-file", "archive.bad-name", "archive.bad-name",
		"archive.duplicate-name", "archive.names-differ-in-case", "archive.duplicate-name",
	}, rules(findings))
	for _, f := range findings {
		require.NotContains(t, f.File, "\x00")
		require.Less(t, len(f.File), 300)
	}
}

func TestNamesThatDifferInCaseAreAWarning(t *testing.T) {
	a, findings := open(t, pack(t, "Logo.png", "1", "logo.png", "2"), archive.DefaultLimits())
	require.Len(t, a.Files(), 2)
	require.Equal(t, []string{"archive.names-differ-in-case"}, rules(findings))
	require.Equal(t, content.SeverityWarning, findings[0].Severity)
}

func TestAReportOfManyFindingsStaysShort(t *testing.T) {
	var pairs []string
	for range 500 {
		pairs = append(pairs, "../x", "")
	}
	_, findings := open(t, pack(t, pairs...), archive.DefaultLimits())
	require.Len(t, findings, 21)
	require.Contains(t, findings[20].Message, "480 more")
}

func TestWhatIsNoArchive(t *testing.T) {
	whole := pack(t, "index.html", strings.Repeat("<p>text", 500))
	for name, c := range map[string]struct {
		data []byte
		rule string
	}{
		"nothing":          {nil, "archive.not-a-zip"},
		"text":             {[]byte("This is not the zip you are looking for."), "archive.not-a-zip"},
		"cut off":          {whole[:len(whole)-30], "archive.truncated"},
		"without a middle": {append(bytes.Clone(whole[:40]), whole[len(whole)-90:]...), "archive.damaged"},
		"no entries":       {pack(t), "archive.empty"},
		"only junk":        {pack(t, "__MACOSX/._x", "1"), "archive.empty"},
		"only a link":      {write(t, symlink()), "archive.not-a-regular-file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings := open(t, c.data, archive.DefaultLimits())
			require.Equal(t, []string{c.rule}, rules(findings))
		})
	}
}

func symlink() entry {
	h := zip.FileHeader{Name: "imsmanifest.xml"}
	h.SetMode(fs.ModeSymlink | 0o777)
	return entry{h, "/etc/passwd"}
}

// brokenDisk fails like a disk.
type brokenDisk struct{ *bytes.Reader }

var errDisk = errors.New("input/output error")

func (brokenDisk) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestADiskThatCannotBeReadIsNoFinding(t *testing.T) {
	data := pack(t, "a", "b")
	_, findings, err := archive.Open(brokenDisk{bytes.NewReader(data)}, int64(len(data)), archive.DefaultLimits())
	require.ErrorIs(t, err, errDisk)
	require.Empty(t, findings)
}

func TestManyFilesOpenFast(t *testing.T) {
	var pairs []string
	for i := range 5000 {
		pairs = append(pairs, "content/pages/page-"+time.Duration(i).String()+".html", "x")
	}
	a, findings := open(t, pack(t, pairs...), archive.DefaultLimits())
	require.Empty(t, findings)
	require.Len(t, a.Files(), 5000)
}

// contentDir is where the real packages lie.
func contentDir(t *testing.T) fs.FS {
	t.Helper()
	dir := os.Getenv("LECTERN_CONTENT")
	if dir == "" {
		t.Skip("LECTERN_CONTENT names no folder with packages")
	}
	return os.DirFS(dir)
}

func TestRealPackages(t *testing.T) {
	dir := contentDir(t)
	names, err := fs.Glob(dir, "*/*.*")
	require.NoError(t, err)
	more, err := fs.Glob(dir, "adl-2004-4th/packages/*.zip")
	require.NoError(t, err)
	refused := map[string]string{
		"hostile/zip-slip.zip": "archive.path-escapes", "hostile/zip-slip-win.zip": "archive.path-escapes",
		"cmi5-lms-cases/208-1-invalid-package.md": "archive.not-a-zip", "cmi5-lms-cases/209-1-not-a-zip.zip": "archive.not-a-zip",
	}
	seen := 0
	for _, name := range append(names, more...) {
		data, err := fs.ReadFile(dir, name)
		require.NoError(t, err)
		a, findings, err := archive.Open(bytes.NewReader(data), int64(len(data)), archive.DefaultLimits())
		require.NoError(t, err)
		if rule := refused[name]; rule != "" {
			seen++
			require.Equal(t, []string{rule}, rules(findings), name)
			continue
		}
		require.NotNil(t, a, "%s: %v", name, findings)
		require.NoError(t, readAll(a), name)
	}
	require.Equal(t, len(refused), seen)
}

func readAll(a *archive.Archive) error {
	for _, name := range a.Files() {
		f, err := a.Open(name)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, f)
		_ = f.Close()
		if err != nil {
			return err
		}
		if n != a.Size(name) {
			return errors.New(name + " has another size")
		}
	}
	return nil
}
