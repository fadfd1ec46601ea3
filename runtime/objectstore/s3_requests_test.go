package objectstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/secrets"
)

// recorder keeps the requests that a store gets.
type recorder struct {
	mu       sync.Mutex
	requests []*http.Request // bodies are not to be read
}

func (r *recorder) between(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.requests = append(r.requests, req.Clone(context.Background()))
		r.mu.Unlock()
		next.ServeHTTP(w, req)
	})
}

// of is those with this method and this word in the query.
func (r *recorder) of(method, query string) (found []*http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, req := range r.requests {
		if req.Method == method && strings.Contains(req.URL.RawQuery, query) {
			found = append(found, req)
		}
	}
	return found
}

// zeros is size bytes, and counts what was read of them.
type zeros struct {
	left int64
	read atomic.Int64
}

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(z.left, int64(len(p))))
	clear(p[:n])
	z.left -= int64(n)
	z.read.Add(int64(n))
	return n, nil
}

const large = 50 << 20

func TestAPutHoldsTwoPartsInMemory(t *testing.T) {
	waiting, goOn := atomic.Int64{}, make(chan struct{})
	s := openFake(t, "", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("partNumber") {
				waiting.Add(1)
				<-goOn
			}
			next.ServeHTTP(w, r)
		})
	})
	body, done := &zeros{left: large}, make(chan error, 1)
	go func() { done <- s.Put(t.Context(), "large", body, large, "") }()
	require.Eventually(t, func() bool { return waiting.Load() == 2 }, 10*time.Second, time.Millisecond)
	require.EqualValues(t, 16<<20, body.read.Load())
	close(goOn)
	require.NoError(t, <-done)
	require.EqualValues(t, 7, waiting.Load())
	info, err := s.Stat(t.Context(), "large")
	require.NoError(t, err)
	require.EqualValues(t, large, info.Size)
}

func TestAnUploadThatFailedLeavesNoParts(t *testing.T) {
	dead := errors.New("the line went dead")
	broken := func() io.Reader { return io.MultiReader(&zeros{left: large / 2}, &failing{err: dead}) }

	var seen recorder
	s := openFake(t, "", seen.between)
	require.ErrorIs(t, s.Put(t.Context(), "large", broken(), large, ""), dead)
	require.Len(t, seen.of(http.MethodDelete, "uploadId="), 1)

	ctx, cancel := context.WithCancel(t.Context())
	err := s.Put(ctx, "large", io.MultiReader(&zeros{left: large / 2}, &failing{dead, cancel}), large, "")
	require.Error(t, err)
	require.Len(t, seen.of(http.MethodDelete, "uploadId="), 2, "also when the caller's time is over")

	s = openFake(t, "", func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	err = s.Put(t.Context(), "large", broken(), large, "")
	require.ErrorIs(t, err, dead)
	require.ErrorContains(t, err, "the parts that were sent stay")
}

type failing struct {
	err    error
	before context.CancelFunc
}

func (f *failing) Read([]byte) (int, error) {
	if f.before != nil {
		f.before()
	}
	return 0, f.err
}

// Stores that do not know trailing checksums take them for a part of the body.
func TestAStoreThatIsNotAmazonsGetsNoNewerChecksums(t *testing.T) {
	var seen recorder
	s := openFake(t, "", seen.between)
	put(t, s, "a/b", "hello")
	require.NoError(t, s.Put(t.Context(), "a/large", &zeros{left: large}, large, ""))
	require.NoError(t, s.DeletePrefix(t.Context(), "a/"))
	puts := seen.of(http.MethodPut, "")
	require.Len(t, puts, 8)
	for _, r := range puts {
		require.Empty(t, r.Header.Get("X-Amz-Trailer"))
		require.Empty(t, r.Header.Get("X-Amz-Sdk-Checksum-Algorithm"))
		require.NotContains(t, r.Header.Get("Content-Encoding"), "aws-chunked")
	}
	deletes := seen.of(http.MethodPost, "delete=")
	require.Len(t, deletes, 1)
	require.NotEmpty(t, deletes[0].Header.Get("Content-Md5"))
}

func TestAPrefixComesBeforeEveryKey(t *testing.T) {
	var seen recorder
	s := openFake(t, "clients/demo", seen.between)
	put(t, s, "a/b", "hello")
	require.Equal(t, "/content/clients/demo/a/b", seen.of(http.MethodPut, "")[0].URL.Path)
	p, _, err := s.PresignPut(t.Context(), "a/c", 5, "", time.Minute)
	require.NoError(t, err)
	require.Contains(t, p.URL, "/content/clients/demo/a/c?")
	require.NoError(t, s.DeletePrefix(t.Context(), "a/"))
	require.Equal(t, "clients/demo/a/", seen.of(http.MethodGet, "list-type=2")[0].URL.Query().Get("prefix"))
	require.ErrorIs(t, s.Put(t.Context(), strings.Repeat("x", objectstore.MaxKeyBytes-5), strings.NewReader(""), 0, ""), objectstore.ErrBadKey)
}

// answers answers every request of a kind itself.
func answers(method, query string, answer http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && strings.Contains(r.URL.RawQuery, query) {
				answer(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestWhatAStoreDidNotDeleteIsAnError(t *testing.T) {
	s := openFake(t, "", answers(http.MethodPost, "delete=", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<DeleteResult><Error><Key>a/b</Key><Code>AccessDenied</Code><Message>not yours</Message></Error></DeleteResult>")
	}))
	put(t, s, "a/b", "x")
	put(t, s, "a/c", "x")
	require.ErrorContains(t, s.DeletePrefix(t.Context(), "a/"), "1 of 2 objects stay: a/b: AccessDenied: not yours")
}

func TestAStoreThatKnowsNoPartsIsAnError(t *testing.T) {
	s := openFake(t, "", answers(http.MethodGet, "", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "everything") }))
	_, err := s.Get(t.Context(), "a", 2, 3)
	require.ErrorContains(t, err, `answered with Content-Range ""`)
}

func TestABucketThatIsNotThereIsNotAMissingObject(t *testing.T) {
	s := openFake(t, "", answers(http.MethodGet, "", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>")
	}))
	_, err := s.Get(t.Context(), "a", 0, -1)
	require.ErrorContains(t, err, "NoSuchBucket")
	require.NotErrorIs(t, err, objectstore.ErrNotFound)
}

func TestKeysMayBeRotatedInTheMiddleOfAnUpload(t *testing.T) {
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("content"))
	fake, key, sent := gofakes3.New(backend).Server(), atomic.Value{}, atomic.Int64{}
	key.Store("first")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("partNumber") && sent.Add(1) == 4 {
			key.Store("second")
		}
		if !strings.Contains(r.Header.Get("Authorization"), "Credential="+key.Load().(string)+"/") {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s := objectstore.Open(aws.Config{RetryMaxAttempts: 1}, objectstore.Options{
		Bucket: "content", Region: "auto", Endpoint: server.URL,
		Keys: secrets.New(func(context.Context) (string, error) {
			text, err := json.Marshal(map[string]string{"accessKeyId": key.Load().(string), "secretAccessKey": "x"})
			return string(text), err
		}, secrets.DecodeKeys, 0),
	})
	require.NoError(t, s.Put(t.Context(), "large", &zeros{left: large}, large, ""))
	require.Greater(t, sent.Load(), int64(7), "at least one was sent again")
	info, err := s.Stat(t.Context(), "large")
	require.NoError(t, err)
	require.EqualValues(t, large, info.Size)
}
