package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/atomicfile"
)

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "conf")
	require.NoError(t, atomicfile.Write(path, []byte("one"), 0o640, nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode())

	refused := errors.New("operation not permitted")
	err = atomicfile.Write(path, []byte("two"), 0o640, func(*os.File) error { return refused })
	require.ErrorIs(t, err, refused)
	require.ErrorContains(t, err, "write "+path)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left over")
}

func TestALinkIsReplacedAndNotFollowed(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "shadow")
	require.NoError(t, os.WriteFile(elsewhere, []byte("theirs"), 0o600))
	path := filepath.Join(t.TempDir(), "conf")
	require.NoError(t, os.Symlink(elsewhere, path))
	require.NoError(t, atomicfile.Write(path, []byte("ours"), 0o644, func(f *os.File) error { return f.Chown(os.Getuid(), os.Getgid()) }))
	text, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	require.Equal(t, "theirs", string(text))
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o644), info.Mode())
}

func TestAMissingFolderIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "conf")
	require.ErrorContains(t, atomicfile.Write(path, nil, 0o644, nil), "write "+path)
}
