package objectstore_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/objectstore/storetest"
)

func openFolder(t *testing.T, dir string) *objectstore.Folder {
	t.Helper()
	f, err := objectstore.OpenFolder(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func put(t *testing.T, s objectstore.Port, key, body string) {
	t.Helper()
	require.NoError(t, s.Put(t.Context(), key, strings.NewReader(body), int64(len(body)), "text/plain"))
}

func TestFolder(t *testing.T) {
	storetest.Run(t, storetest.Subject{Open: func(t *testing.T) objectstore.Port { return openFolder(t, t.TempDir()) }})
}

func TestAFolderIsFoundAsItWasLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	put(t, openFolder(t, dir), "a/B c", "hello")
	info, err := openFolder(t, dir).Stat(t.Context(), "a/B c")
	require.NoError(t, err)
	require.EqualValues(t, 5, info.Size)
	require.Equal(t, "text/plain", info.ContentType)
}

func TestAKeyOfAFolderMayBeginLikeAnother(t *testing.T) {
	f := openFolder(t, t.TempDir())
	keys := []string{"a", "a/b", "a+/b", "a/b/c", "a~/b", "!a", "A", "%41"}
	for _, key := range keys {
		put(t, f, key, key)
	}
	require.NoError(t, f.DeletePrefix(t.Context(), "a/b"))
	for _, key := range keys {
		_, err := f.Stat(t.Context(), key)
		if key == "a/b" {
			require.ErrorIs(t, err, objectstore.ErrNotFound)
		} else {
			require.NoError(t, err, key)
		}
	}
}

// Where A and a are the same file, or ü has two spellings that are, keys must still differ.
func TestFilesOfAFolderAreNamedForEveryFileSystem(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	for _, key := range []string{"SCORM_API/Über uns.HTML", "scorm_api/\u0075\u0308ber uns.html", "x/" + strings.Repeat("Ü", 200), `C:\x|y`, "trailing. "} {
		put(t, f, key, key)
	}
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		seen++
		if name := e.Name(); name != filepath.Base(dir) {
			require.Regexp(t, `^[a-z0-9._!%-]{1,201}[+~]?$`, name)
		}
		return err
	}))
	require.Greater(t, seen, 10)
}

func TestNothingOutsideAFolderIsReached(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	f := openFolder(t, dir)
	put(t, openFolder(t, outside), "secret", "hello")
	require.NoError(t, os.Symlink(filepath.Join(outside, "objects"), filepath.Join(dir, "objects", "link+")))
	_, err := f.Stat(t.Context(), "link/secret")
	require.Error(t, err)
	require.Error(t, f.Put(t.Context(), "link/new", strings.NewReader("x"), 1, ""))
	require.NoError(t, f.DeletePrefix(t.Context(), "link/"), "the link alone")
	_, err = openFolder(t, outside).Stat(t.Context(), "secret")
	require.NoError(t, err)
}

func TestAFolderSaysThatAFileIsNotItsOwn(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	put(t, f, "whole", "hello")
	whole, err := os.ReadFile(filepath.Join(dir, "objects", "whole"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(whole), "hello{"), "what it is begins the file, for people who look")
	for name, content := range map[string]string{
		"empty": "", "foreign": "a page", "cut": string(whole[:len(whole)-1]), "lying": "\xff\xfflectern1", "broken": "x{}\x00\x03lectern1",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "objects", name), []byte(content), 0o644))
		_, err := f.Stat(t.Context(), name)
		require.ErrorContains(t, err, "not written by this store", name)
	}
}

func TestWhatADeadProcessWasWritingIsRemovedADayLater(t *testing.T) {
	dir := t.TempDir()
	openFolder(t, dir)
	old, recent := filepath.Join(dir, "partial", "old"), filepath.Join(dir, "partial", "recent")
	for _, name := range []string{old, recent} {
		require.NoError(t, os.WriteFile(name, []byte("half"), 0o644))
	}
	require.NoError(t, os.Chtimes(old, time.Time{}, time.Now().Add(-25*time.Hour)))
	f := openFolder(t, dir)
	require.NoFileExists(t, old)
	require.FileExists(t, recent)
	require.NoError(t, os.Remove(recent))

	put(t, f, "a", "hello")
	require.Error(t, f.Put(t.Context(), "b", strings.NewReader("hello"), 6, ""))
	require.NoError(t, f.Ping(t.Context()))
	left, err := os.ReadDir(filepath.Join(dir, "partial"))
	require.NoError(t, err)
	require.Empty(t, left, "nobody leaves anything")
}

func TestAFolderThatIsGoneDoesNotAnswer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	f := openFolder(t, dir)
	require.NoError(t, os.RemoveAll(dir))
	require.Error(t, f.Ping(t.Context()))
}
