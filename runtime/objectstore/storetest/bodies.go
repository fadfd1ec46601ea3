package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var errBroken = errors.New("the line went dead")

// broken gives what it has and then fails.
func broken(body []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(body), readerFunc(func([]byte) (int, error) { return 0, errBroken }))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// bodySizes are of one sent at once and of one sent in parts.
var bodySizes = []int{1000, 20 << 20}

func brokenBody(t *testing.T, f *fixture) {
	old := []byte("the old one")
	for _, size := range bodySizes {
		f.put(t, "kept", old)
		for _, key := range []string{"kept", "new"} {
			require.ErrorIs(t, f.Put(t.Context(), key, broken(noise(1, size/2)), int64(size), "image/png"), errBroken)
			require.ErrorIs(t, f.Put(t.Context(), key, broken(noise(1, size)), int64(size), "image/png"), errBroken, "all bytes, but not their end")
		}
		f.requireBody(t, "kept", old)
		info, err := f.Stat(t.Context(), "kept")
		require.NoError(t, err)
		require.Equal(t, "text/plain", info.ContentType)
		f.requireNone(t, "new")
	}
}

func wrongSize(t *testing.T, f *fixture) {
	for _, size := range bodySizes {
		err := f.Put(t.Context(), "new", bytes.NewReader(noise(1, size-1)), int64(size), "")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.ErrorContains(t, err, fmt.Sprintf("after %d of %d bytes", size-1, size))
		err = f.Put(t.Context(), "new", bytes.NewReader(noise(1, size+1)), int64(size), "")
		require.ErrorContains(t, err, fmt.Sprintf("more than the %d bytes", size))
		f.requireNone(t, "new")
	}
	require.ErrorContains(t, f.Put(t.Context(), "new", strings.NewReader("x"), 0, ""), "more than the 0 bytes")
	f.requireNone(t, "new")
}

func cancelled(t *testing.T, f *fixture) {
	for _, size := range bodySizes {
		ctx, cancel := context.WithCancel(t.Context())
		half := bytes.NewReader(noise(1, size/2))
		rest := readerFunc(func(p []byte) (int, error) {
			cancel()
			return len(p), nil
		})
		err := f.Put(ctx, "new", io.MultiReader(half, io.LimitReader(rest, int64(size-size/2))), int64(size), "")
		require.ErrorIs(t, err, context.Canceled)
		f.requireNone(t, "new")
	}
}
