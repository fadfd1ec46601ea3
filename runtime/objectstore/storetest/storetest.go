// Package storetest is what every objectstore.Port must do.
package storetest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lectern/lectern/runtime/objectstore"
)

// Subject is a kind of store to be tested.
type Subject struct {
	Open func(t *testing.T) objectstore.Port // an empty one
	// Presigns says that the store has presigned requests, and Checks that it checks signatures as Amazon S3 does.
	Presigns, Checks bool
	// Client makes the presigned requests; nil: http.DefaultClient.
	Client *http.Client
}

// Run runs the suite.
func Run(t *testing.T, s Subject) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"what is put is found":                           putGetStat,
		"an object is replaced as a whole":               replaced,
		"objects of every size":                          sizes,
		"keys are any text":                              keys,
		"keys that cannot be are refused":                badKeys,
		"a part of an object":                            parts,
		"what is not there is not found":                 notFound,
		"a body that breaks off leaves what was there":   brokenBody,
		"a body of another length than announced":        wrongSize,
		"a body that is not to be read to its end":       cancelled,
		"many put the same object":                       putTogether,
		"many put objects beside each other":             putBeside,
		"everything below a prefix is deleted":           deletePrefix,
		"more is deleted than fits in one request":       deleteMany,
		"anybody may store what was presigned":           presigned(s),
		"what cannot be presigned is refused":            presignRefused(s),
		"a store that is there answers":                  func(t *testing.T, f *fixture) { require.NoError(t, f.Ping(t.Context())) },
		"an open object outlives its replacement or end": readWhileReplaced,
	} {
		t.Run(name, func(t *testing.T) { test(t, &fixture{s.Open(t)}) })
	}
}

type fixture struct{ objectstore.Port }

func (f *fixture) put(t *testing.T, key string, body []byte) {
	t.Helper()
	// A reader that is only that: no seeking, no length.
	require.NoError(t, f.Put(t.Context(), key, io.MultiReader(bytes.NewReader(body)), int64(len(body)), "text/plain"), key)
}

func (f *fixture) get(t *testing.T, key string, offset, length int64) []byte {
	t.Helper()
	o, err := f.Get(t.Context(), key, offset, length)
	require.NoError(t, err, key)
	defer o.Body.Close()
	body, err := io.ReadAll(o.Body)
	require.NoError(t, err, key)
	return body
}

// requireBody compares without printing megabytes.
func (f *fixture) requireBody(t *testing.T, key string, want []byte) {
	t.Helper()
	got := f.get(t, key, 0, -1)
	require.Len(t, got, len(want), key)
	require.True(t, bytes.Equal(want, got), "%s has other bytes", key)
}

func (f *fixture) requireNone(t *testing.T, key string) {
	t.Helper()
	_, err := f.Stat(t.Context(), key)
	require.ErrorIs(t, err, objectstore.ErrNotFound, key)
}

// noise is the same for the same seed.
func noise(seed uint64, size int) []byte {
	b := make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	_, _ = source.Read(b) // it never fails
	return b
}

func putGetStat(t *testing.T, f *fixture) {
	before := time.Now()
	require.NoError(t, f.Put(t.Context(), "content/demo/1/index.html", strings.NewReader("<p>hello"), 8, "text/html; charset=utf-8"))
	info, err := f.Stat(t.Context(), "content/demo/1/index.html")
	require.NoError(t, err)
	require.EqualValues(t, 8, info.Size)
	require.Equal(t, "text/html; charset=utf-8", info.ContentType)
	require.Regexp(t, `^"[^"]+"$`, info.ETag)
	require.WithinDuration(t, before, info.LastModified, time.Minute)

	o, err := f.Get(t.Context(), "content/demo/1/index.html", 0, -1)
	require.NoError(t, err)
	defer o.Body.Close()
	require.Equal(t, info, o.Info)
	f.requireBody(t, "content/demo/1/index.html", []byte("<p>hello"))

	require.NoError(t, f.Put(t.Context(), "untyped", strings.NewReader("x"), 1, ""))
	info, err = f.Stat(t.Context(), "untyped")
	require.NoError(t, err)
	require.Equal(t, "application/octet-stream", info.ContentType)
}

func replaced(t *testing.T, f *fixture) {
	f.put(t, "a", []byte("a longer one"))
	first, err := f.Stat(t.Context(), "a")
	require.NoError(t, err)
	require.NoError(t, f.Put(t.Context(), "a", strings.NewReader("{}"), 2, "application/json"))
	second, err := f.Stat(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, "application/json", second.ContentType)
	require.EqualValues(t, 2, second.Size)
	require.NotEqual(t, first.ETag, second.ETag)
	f.requireBody(t, "a", []byte("{}"))
}

func sizes(t *testing.T, f *fixture) {
	const mib = 1 << 20
	for i, size := range []int{0, 1, 5*mib + 1, 8*mib - 1, 8 * mib, 8*mib + 1, 24 * mib, 25*mib + 7} {
		key, body := fmt.Sprintf("of/%d", size), noise(uint64(i), size)
		f.put(t, key, body)
		info, err := f.Stat(t.Context(), key)
		require.NoError(t, err)
		require.EqualValues(t, size, info.Size)
		require.Equal(t, "text/plain", info.ContentType)
		f.requireBody(t, key, body)
	}
	require.ErrorContains(t, f.Put(t.Context(), "a", strings.NewReader(""), -1, ""), "size of -1")
	require.ErrorContains(t, f.Put(t.Context(), "a", strings.NewReader(""), objectstore.MaxBytes+1, ""), "size of")
}

func parts(t *testing.T, f *fixture) {
	const text = "0123456789"
	f.put(t, "digits", []byte(text))
	for _, part := range []struct {
		offset, length int64
		want           string
	}{
		{0, -1, text}, {3, -1, "3456789"}, {9, -1, "9"}, {0, 4, "0123"}, {2, 3, "234"}, {9, 1, "9"}, {8, 100, "89"}, {0, 10, text}, {4, 0, ""}, {0, 0, ""},
	} {
		o, err := f.Get(t.Context(), "digits", part.offset, part.length)
		require.NoError(t, err, "%v", part)
		body, err := io.ReadAll(o.Body)
		require.NoError(t, err)
		require.NoError(t, o.Body.Close())
		require.Equal(t, part.want, string(body), "%v", part)
		require.EqualValues(t, 10, o.Size, "of the whole object")
		require.Equal(t, "text/plain", o.ContentType)
		require.NotEmpty(t, o.ETag)
	}
	for _, part := range [][2]int64{{10, -1}, {10, 1}, {11, 5}, {-1, 5}, {0, -2}} {
		_, err := f.Get(t.Context(), "digits", part[0], part[1])
		require.ErrorIs(t, err, objectstore.ErrRange, "%v", part)
	}
	large := noise(1, 17<<20)
	f.put(t, "large", large)
	require.True(t, bytes.Equal(large[(8<<20)-5:(8<<20)+5], f.get(t, "large", (8<<20)-5, 10)))
}

func notFound(t *testing.T, f *fixture) {
	f.put(t, "folder/file", []byte("x"))
	for _, key := range []string{"missing", "folder/missing", "fold", "folder/file.txt", "Folder/file", "folder/FILE"} {
		f.requireNone(t, key)
		for _, length := range []int64{-1, 0, 5} {
			_, err := f.Get(t.Context(), key, 0, length)
			require.ErrorIs(t, err, objectstore.ErrNotFound, key)
		}
		require.NoError(t, f.DeletePrefix(t.Context(), key))
		require.NoError(t, f.DeletePrefix(t.Context(), key+"/"))
	}
	f.requireBody(t, "folder/file", []byte("x"))
}

func putTogether(t *testing.T, f *fixture) {
	const people = 6
	bodies := make([][]byte, people)
	var group errgroup.Group
	for i := range people {
		bodies[i] = noise(uint64(i), (i+1)*2<<20)
		group.Go(func() error {
			for range 2 {
				if err := f.Put(t.Context(), "same", bytes.NewReader(bodies[i]), int64(len(bodies[i])), "image/png"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	got := f.get(t, "same", 0, -1)
	require.True(t, func() bool {
		for _, b := range bodies {
			if bytes.Equal(b, got) {
				return true
			}
		}
		return false
	}(), "it is one of them as a whole")
}

func putBeside(t *testing.T, f *fixture) {
	var group errgroup.Group
	group.SetLimit(8)
	key := func(i int) string { return fmt.Sprintf("deep/%d/%d/file %d", i%3, i%7, i) }
	for i := range 100 {
		group.Go(func() error {
			return f.Put(t.Context(), key(i), strings.NewReader(key(i)), int64(len(key(i))), "text/plain")
		})
	}
	require.NoError(t, group.Wait())
	for i := range 100 {
		f.requireBody(t, key(i), []byte(key(i)))
	}
}

func readWhileReplaced(t *testing.T, f *fixture) {
	old := noise(1, 1<<20)
	f.put(t, "a", old)
	o, err := f.Get(t.Context(), "a", 0, -1)
	require.NoError(t, err)
	defer o.Body.Close()
	first := make([]byte, 10)
	_, err = io.ReadFull(o.Body, first)
	require.NoError(t, err)
	f.put(t, "a", []byte("new"))
	require.NoError(t, f.DeletePrefix(t.Context(), "a"))
	rest, err := io.ReadAll(o.Body)
	if err == nil { // a store may also break off
		require.True(t, bytes.Equal(old, append(first, rest...)), "no mixture")
	}
	f.requireNone(t, "a")
}
