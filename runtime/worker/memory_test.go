package worker_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
	"github.com/lectern/lectern/runtime/objectstore"
)

// writeLarge writes a package of about size bytes, most of it films, which do not shrink.
func writeLarge(w io.Writer, size int64) error {
	z := zip.NewWriter(w)
	random := rand.NewChaCha8([32]byte{7})
	add := func(name string, method uint16, n int64) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = io.CopyN(f, random, n)
		}
		return err
	}
	for name, text := range map[string]string{"imsmanifest.xml": manifest12, "index.html": "<!doctype html><title>Fire safety</title>"} {
		f, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, text); err != nil {
			return err
		}
	}
	if err := add("films/long.mp4", zip.Store, size*3/4); err != nil {
		return err
	}
	for i := range int64(16) {
		if err := add(fmt.Sprintf("films/%d.mp4", i), zip.Deflate, size/64); err != nil {
			return err
		}
	}
	return z.Close()
}

// testMemoryStaysFlat imports a package of 100 MB, or of LECTERN_IMPORT_MB, and watches the heap. The bound has nothing
// to do with the size.
func testMemoryStaysFlat(t *testing.T, e *engine) {
	size := int64(100)
	if text := os.Getenv("LECTERN_IMPORT_MB"); text != "" {
		var err error
		size, err = strconv.ParseInt(text, 10, 64)
		require.NoError(t, err)
	}
	const bound = 32 << 20
	path := filepath.Join(t.TempDir(), "large.zip")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	buffered := bufio.NewWriter(f)
	require.NoError(t, writeLarge(buffered, size<<20))
	require.NoError(t, buffered.Flush())
	n, err := f.Seek(0, io.SeekStart)
	require.NoError(t, err)
	require.Zero(t, n)
	info, err := f.Stat()
	require.NoError(t, err)
	id := e.upload("large.zip", f, info.Size())

	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, stop := context.WithCancel(t.Context())
	peak := make(chan uint64)
	go func() { peak <- watchHeap(ctx) }()
	begun := time.Now()
	require.NoError(t, e.importer(e.store).Import(ctx, acme, id))
	took := time.Since(begun)
	stop()
	most := <-peak - before.HeapAlloc
	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Greater(t, v.Bytes, size<<20*9/10)
	t.Logf("import of %d MB: heap at most %.1f MB above the %.1f MB before; %.0f MB/s", size, float64(most)/1e6, float64(before.HeapAlloc)/1e6, float64(info.Size())/1e6/took.Seconds())
	require.Less(t, most, uint64(bound))
}

// watchHeap is the most that was allocated, garbage included, until ctx is done.
func watchHeap(ctx context.Context) (most uint64) {
	for ctx.Err() == nil {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
		time.Sleep(5 * time.Millisecond)
	}
	return most
}

// holding counts what a store's client may hold in memory: up to two parts of 8 MiB of each file.
type holding struct {
	objectstore.Port
	now, most, files atomic.Int64
	two              sync.WaitGroup // the first two wait for each other
}

func (h *holding) Put(ctx context.Context, key string, r io.Reader, size int64, kind string) error {
	held := min(size, 16<<20)
	for now, most := h.now.Add(held), h.most.Load(); now > most && !h.most.CompareAndSwap(most, now); most = h.most.Load() {
	}
	defer h.now.Add(-held)
	if h.files.Add(1) <= 2 {
		h.two.Done()
		h.two.Wait()
	}
	return h.Port.Put(ctx, key, r, size, kind)
}

func testFewLargeFilesAreStoredAtOnce(t *testing.T, e *engine) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range 10 {
		f, err := z.Create(fmt.Sprintf("films/%d.mp4", i))
		require.NoError(t, err)
		_, err = f.Write(make([]byte, 17<<20))
		require.NoError(t, err)
	}
	for name, text := range map[string]string{"imsmanifest.xml": manifest12, "index.html": "<!doctype html>"} {
		f, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	store := &holding{Port: e.store}
	store.two.Add(2)
	im := e.importer(store)
	im.Limits = archive.DefaultLimits()
	im.Limits.Ratio = 2000 // the films are black
	id := e.uploadBytes("x.zip", b.Bytes())
	require.NoError(t, im.Import(t.Context(), acme, id))
	i, _ := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.EqualValues(t, 12, store.files.Load())
	require.LessOrEqual(t, store.most.Load(), int64(48<<20))
}
