package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/lectern/lectern/runtime/objectstore"
)

// goodKeys are as authors of courses name their files.
var goodKeys = []string{
	"a", "content/demo/0198/index.html", "with space/a b  c.html", " leading and trailing ", "über/Größe/日本語 テキスト/🎓.png",
	"decomposed/u\u0308ber", "composed/\u00fcber", "percent/100%.txt", "percent/%2e%2e/%2F", "plus/a+b.txt", "plus+/c",
	"query/a?b=c&d=e#f", `quotes/"double" 'single'`, "xml/<a>&amp;</a>", `backslash\in\name`, "Case/File", "case/file", "CASE/FILE",
	"dots/..hidden/...", "dots/a..b/c.", ".well-known/x", "colon:semi;comma,equal=at@bang!tilde~star*dollar$", "[brackets]{braces}(parens)|pipe^caret`tick",
	"long/" + strings.Repeat("x", 250), "long/" + strings.Repeat("語", 80) + "/" + strings.Repeat("A", 240) + ".html",
}

func keys(t *testing.T, f *fixture) {
	for i, key := range goodKeys {
		require.NoError(t, f.Put(t.Context(), key, strings.NewReader(key), int64(len(key)), fmt.Sprintf("text/x-%d", i)), key)
	}
	for i, key := range goodKeys {
		f.requireBody(t, key, []byte(key))
		info, err := f.Stat(t.Context(), key)
		require.NoError(t, err, key)
		require.Equal(t, fmt.Sprintf("text/x-%d", i), info.ContentType)
	}
	for i, key := range goodKeys {
		prefix := key // the object, or everything in its folder
		if at := strings.LastIndexByte(key, '/'); at > 0 && i%2 == 0 {
			prefix = key[:at+1]
		}
		require.NoError(t, f.DeletePrefix(t.Context(), prefix), prefix)
		f.requireNone(t, key)
	}
}

func badKeys(t *testing.T, f *fixture) {
	for _, key := range []string{
		"", "/", "/x", "../x", "..", ".", "a/../b", "a/./b", "a//b", "a/..", "./a", "\xff\xfe", "a/\xc3", "a\x00b", "a\nb", "a\u007fb", "a\uffffb", "//",
		strings.Repeat("x", objectstore.MaxKeyBytes+1),
	} {
		name := fmt.Sprintf("%.40q", key)
		require.ErrorIs(t, f.Put(t.Context(), key, strings.NewReader("x"), 1, ""), objectstore.ErrBadKey, name)
		_, err := f.Get(t.Context(), key, 0, -1)
		require.ErrorIs(t, err, objectstore.ErrBadKey, name)
		_, err = f.Stat(t.Context(), key)
		require.ErrorIs(t, err, objectstore.ErrBadKey, name)
		require.ErrorIs(t, f.DeletePrefix(t.Context(), key), objectstore.ErrBadKey, name)
		require.ErrorIs(t, f.DeletePrefix(t.Context(), key+"/"), objectstore.ErrBadKey, name)
		_, _, err = f.PresignPut(t.Context(), key, 1, "", time.Minute)
		require.ErrorIs(t, err, objectstore.ErrBadKey, name)
	}
	require.ErrorIs(t, f.Put(t.Context(), "a/", strings.NewReader("x"), 1, ""), objectstore.ErrBadKey, "a prefix is no object")
}

func deletePrefix(t *testing.T, f *fixture) {
	all := []string{"tenant/one/a", "tenant/one/b/c", "tenant/one/b/d", "tenant/one more/a", "tenant/onesie", "tenant/One/a", "other/one/a"}
	for _, key := range all {
		f.put(t, key, []byte(key))
	}
	requireLeft := func(left ...string) {
		t.Helper()
		for _, key := range all {
			_, err := f.Stat(t.Context(), key)
			if found := err == nil; found {
				require.Contains(t, left, key)
			} else {
				require.ErrorIs(t, err, objectstore.ErrNotFound)
				require.NotContains(t, left, key)
			}
		}
	}
	require.NoError(t, f.DeletePrefix(t.Context(), "tenant/one"), "an object that is not there")
	requireLeft(all...)
	require.NoError(t, f.DeletePrefix(t.Context(), "tenant/one/b/c"))
	requireLeft("tenant/one/a", "tenant/one/b/d", "tenant/one more/a", "tenant/onesie", "tenant/One/a", "other/one/a")
	require.NoError(t, f.DeletePrefix(t.Context(), "tenant/one/"))
	requireLeft("tenant/one more/a", "tenant/onesie", "tenant/One/a", "other/one/a")
	require.NoError(t, f.DeletePrefix(t.Context(), "tenant/one/"), "again")
	f.put(t, "tenant/one/a", []byte("back"))
	f.requireBody(t, "tenant/one/a", []byte("back"))
	require.NoError(t, f.DeletePrefix(t.Context(), "tenant/"))
	requireLeft("other/one/a")
}

func deleteMany(t *testing.T, f *fixture) {
	const many = 1203
	var group errgroup.Group
	group.SetLimit(8)
	key := func(i int) string { return fmt.Sprintf("many/%d/ü %d+%%.txt", i%5, i) }
	for i := range many {
		group.Go(func() error { return f.Put(t.Context(), key(i), strings.NewReader("x"), 1, "text/plain") })
	}
	f.put(t, "manyfold", []byte("kept"))
	require.NoError(t, group.Wait())
	require.NoError(t, f.DeletePrefix(t.Context(), "many/"))
	for i := range many {
		f.requireNone(t, key(i))
	}
	f.requireBody(t, "manyfold", []byte("kept"))
}
