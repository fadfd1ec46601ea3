package worker_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/worker"
)

func testAnImport(t *testing.T, e *engine) {
	id := e.uploadBytes("fire.zip", course(t, "", 3))
	var files int
	im := e.importer(e.store)
	im.Observe = func(n int, _ int64) { files = n }
	require.NoError(t, im.Import(t.Context(), acme, id))

	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Equal(t, content.SCORM12, i.Report.Standard)
	require.Equal(t, "Fire safety", i.Report.Title)
	require.Equal(t, 5, i.Report.Files)
	require.Equal(t, 5, v.Files)
	require.Equal(t, 5, files)
	require.Equal(t, i.Report.Bytes, v.Bytes)
	require.Equal(t, 1, v.Number)
	require.Len(t, v.Structure.Leaves(), 1)
	text, kind := e.file(v, "pages/page-0002.html")
	require.Equal(t, strings.Repeat("<p>text", 2), text)
	require.Equal(t, "text/html", kind)
	require.Equal(t, 5, e.objects(), "the upload is gone")

	require.NoError(t, im.Import(t.Context(), acme, id), "the message comes twice")
	again, _ := e.result(id)
	require.Equal(t, i, again)
	require.NoError(t, im.Import(t.Context(), acme, newID()), "an import that does not exist is not tried for ever")

	second := e.uploadBytes("fire.zip", course(t, "", 4))
	require.NoError(t, im.Import(t.Context(), acme, second))
	_, newer := e.result(second)
	require.Equal(t, 2, newer.Number)
	require.NotEqual(t, v.ContentID, newer.ContentID)
	require.Equal(t, 5+6, e.objects(), "the first version keeps its files")
}

func testACourseThatLiesOneFolderDown(t *testing.T, e *engine) {
	id := e.uploadBytes("fire.zip", course(t, "Fire safety (export)/", 1))
	require.NoError(t, e.importer(e.store).Import(t.Context(), acme, id))
	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Equal(t, "index.html", v.Structure.Leaves()[0].Launch)
	text, _ := e.file(v, "index.html")
	require.Contains(t, text, "Fire safety")
}

func testWhatIsRefusedLeavesNothing(t *testing.T, e *engine) {
	good := course(t, "", 200)
	damaged := bytes.Clone(good) // a byte of a page in the middle
	at := bytes.Index(damaged, []byte("pages/page-0150.html"))
	damaged[at+len("pages/page-0150.html")+4] ^= 0xff
	var noManifest bytes.Buffer
	z := zip.NewWriter(&noManifest)
	_, err := z.Create("readme.txt")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, c := range map[string]struct {
		data []byte
		rule string
	}{
		"no archive":             {[]byte("hello"), "archive.not-a-zip"},
		"half of one":            {good[:len(good)/2], "archive.truncated"},
		"a damaged page":         {damaged, "archive.damaged"},
		"a page with no course":  {noManifest.Bytes(), ""},
		"a structure of no kind": {[]byte("<html></html>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			id := e.uploadBytes("x.zip", c.data)
			require.NoError(t, e.importer(e.store).Import(t.Context(), acme, id))
			i, _ := e.result(id)
			e.require(i, content.ImportFailed)
			require.True(t, i.Report.Refused())
			require.NotNil(t, i.FinishedAt)
			if c.rule != "" {
				require.Equal(t, []string{c.rule}, rules(i.Report))
			}
			require.Zero(t, e.objects())
		})
	}
	t.Run("no upload", func(t *testing.T) {
		id := e.uploadBytes("x.zip", good)
		require.NoError(t, e.store.DeletePrefix(t.Context(), content.UploadKey(acme, id)))
		require.NoError(t, e.importer(e.store).Import(t.Context(), acme, id))
		i, _ := e.result(id)
		require.Equal(t, []string{"worker.upload-missing"}, rules(i.Report))
	})
	t.Run("an upload too large", func(t *testing.T) {
		id := e.uploadBytes("x.zip", good)
		im := e.importer(e.store)
		im.MaxUpload = 100
		require.NoError(t, im.Import(t.Context(), acme, id))
		i, _ := e.result(id)
		require.Equal(t, []string{"worker.upload-too-large"}, rules(i.Report))
		require.Zero(t, e.objects())
	})
}

// flaky fails as told; everything else goes to the store.
type flaky struct {
	objectstore.Port
	put, get, remove func() error
}

var errDown = errors.New("503 Service Unavailable")

func (f *flaky) Put(ctx context.Context, key string, r io.Reader, size int64, kind string) error {
	if f.put != nil {
		if err := f.put(); err != nil {
			_, _ = io.CopyN(io.Discard, r, size/2) // it failed half-way
			return err
		}
	}
	return f.Port.Put(ctx, key, r, size, kind)
}

func (f *flaky) Get(ctx context.Context, key string, offset, length int64) (objectstore.Object, error) {
	if f.get != nil {
		if err := f.get(); err != nil {
			return objectstore.Object{}, err
		}
	}
	return f.Port.Get(ctx, key, offset, length)
}

func (f *flaky) DeletePrefix(ctx context.Context, prefix string) error {
	if f.remove != nil {
		if err := f.remove(); err != nil {
			return err
		}
	}
	return f.Port.DeletePrefix(ctx, prefix)
}

func testAStoreThatFailsNowAndThen(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 40))
	var n atomic.Int32
	store := &flaky{Port: e.store, put: func() error {
		if n.Add(1)%10 == 0 {
			return errDown
		}
		return nil
	}}
	require.NoError(t, e.importer(store).Import(t.Context(), acme, id))
	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Equal(t, 1, i.Attempts)
	require.Equal(t, v.Files, e.objects())
}

func testAStoreThatIsDownIsNoRefusal(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 5))
	down := func() error { return errDown }
	im := e.importer(&flaky{Port: e.store, get: down})
	im.MaxAttempts = 3
	attempt := func() error { // the lease of the attempt before ends after a few milliseconds
		for {
			err := im.Import(t.Context(), acme, id)
			if i, _ := e.result(id); err != nil || i.FinishedAt != nil {
				return err
			}
			time.Sleep(time.Millisecond)
		}
	}
	var later *worker.Later
	require.ErrorAs(t, attempt(), &later)
	require.ErrorIs(t, later, errDown)
	i, _ := e.result(id)
	e.require(i, content.ImportRunning)
	require.ErrorAs(t, attempt(), &later)

	im.Store = &flaky{Port: e.store, get: down, remove: down}
	require.ErrorAs(t, attempt(), &later, "while it cannot be told that nothing is left, it is not given up either")
	i, _ = e.result(id)
	e.require(i, content.ImportRunning)

	im.Store = e.store
	require.NoError(t, attempt())
	i, _ = e.result(id)
	e.require(i, content.ImportFailed)
	require.Equal(t, []string{"worker.gave-up"}, rules(i.Report))
	require.Contains(t, i.Report.Findings[0].Message, "4 attempts")
	require.Zero(t, e.objects())
}

func testAnInstanceThatStopsGivesItsImportBack(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 50))
	begun := make(chan struct{})
	var once atomic.Bool
	stuck := &flaky{Port: e.store}
	im := e.importer(stuck)
	im.MaxAttempts = 1
	q := newQueue()
	ctx, stop := context.WithCancel(t.Context())
	stuck.put = func() error {
		if once.CompareAndSwap(false, true) {
			close(begun)
		}
		time.Sleep(50 * time.Millisecond)
		return nil
	}
	loop := &worker.Loop{Queue: q, Drain: time.Millisecond, Log: quiet(), Handlers: map[string]worker.Handler{worker.KindImport: im.Handle}}
	require.NoError(t, worker.Send(ctx, q, worker.Message{Kind: worker.KindImport, TenantID: acme, ID: id}))
	go func() { <-begun; stop() }()
	loop.Run(ctx)
	i, _ := e.result(id)
	e.require(i, content.ImportRunning)

	// The message is there at once, and the import is free: another instance needs no sweeper.
	ctx, stop = context.WithCancel(t.Context())
	loop = &worker.Loop{Queue: q, Log: quiet(), Handlers: map[string]worker.Handler{worker.KindImport: e.importer(e.store).Handle}}
	done := make(chan struct{})
	go func() { loop.Run(ctx); close(done) }()
	require.Eventually(t, func() bool {
		i, _ = e.result(id)
		return i.State == content.ImportSucceeded
	}, 20*time.Second, 20*time.Millisecond)
	stop()
	<-done
	require.Equal(t, 2, i.Attempts)
	require.Equal(t, 52, e.objects(), "what the first attempt stored is gone")
	waiting, inFlight := stats(t, q)
	require.Zero(t, waiting+inFlight)
}

func testAPanicEndsTheAttemptAlone(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 1))
	im := e.importer(&flaky{Port: e.store, get: func() error { panic("index out of range") }})
	im.Retry = time.Hour
	var later *worker.Later
	require.ErrorAs(t, im.Import(t.Context(), acme, id), &later)
	require.ErrorContains(t, later, "index out of range")
	require.Equal(t, 15*time.Minute, later.After)
}

func testThousandsOfFiles(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 2500))
	require.NoError(t, e.importer(e.store).Import(t.Context(), acme, id))
	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Equal(t, 2502, v.Files)
	require.Equal(t, 2502, e.objects())
	require.Equal(t, content.Progress{Step: "done", FilesDone: 2502, FilesTotal: 2502, BytesDone: v.Bytes, BytesTotal: v.Bytes}, i.Progress)
}
