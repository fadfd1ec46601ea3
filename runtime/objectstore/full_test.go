package objectstore_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
)

func TestAFullFolderSaysSo(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no small file system can be made here (it takes root): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	f, err := objectstore.OpenFolder(filepath.Join(dir, "objects"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	require.NoError(t, f.Ping(t.Context()))
	put := func(key string, n int) error {
		return f.Put(t.Context(), key, bytes.NewReader(make([]byte, n)), int64(n), "")
	}
	require.NoError(t, put("a", 900<<10))
	require.ErrorIs(t, put("b", 1<<20), objectstore.ErrFull)
	require.NoError(t, f.Ping(t.Context()), "what was left of it is gone again")
	err = nil
	for n := 0; err == nil; n++ {
		err = put(fmt.Sprintf("c/%d", n), 4096)
	}
	require.ErrorIs(t, err, objectstore.ErrFull)
	require.ErrorIs(t, f.Ping(t.Context()), objectstore.ErrFull)
	require.NoError(t, f.DeletePrefix(t.Context(), "a"))
	require.NoError(t, f.Ping(t.Context()))
}
