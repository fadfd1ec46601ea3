package objectstore_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/secrets"
)

// store is an S3 server with one bucket, "content", that knows one access key.
type store struct {
	url  string
	key  atomic.Value // string
	down atomic.Bool
}

func start(t *testing.T) *store {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("content"))
	s3, s := gofakes3.New(backend).Server(), &store{}
	s.key.Store("first")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.down.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case !strings.Contains(r.Header.Get("Authorization"), "Credential="+s.key.Load().(string)+"/"):
			w.WriteHeader(http.StatusForbidden)
		default:
			s3.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func ping(t *testing.T, s *objectstore.Store) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	return s.Ping(ctx)
}

func TestTheBucketIsReallyAsked(t *testing.T) {
	server := start(t)
	key := "first"
	keys := func() *secrets.Secret[secrets.Keys] {
		return secrets.New(func(context.Context) (string, error) {
			text, err := json.Marshal(map[string]string{"accessKeyId": key, "secretAccessKey": "hunter2"})
			return string(text), err
		}, secrets.DecodeKeys, 0)
	}
	open := func(bucket string) *objectstore.Store {
		return objectstore.Open(aws.Config{RetryMaxAttempts: 1}, objectstore.Options{Bucket: bucket, Region: "auto", Endpoint: server.url, Keys: keys()})
	}
	s := open("content")
	require.NoError(t, ping(t, s))
	require.ErrorContains(t, ping(t, open("missing")), "bucket missing")

	server.down.Store(true)
	err := ping(t, s)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
	server.down.Store(false)
	require.NoError(t, ping(t, s))

	server.key.Store("second")
	require.ErrorContains(t, ping(t, s), "403", "the secret has not changed yet")
	key = "second"
	require.NoError(t, ping(t, s), "new keys are read at the first refusal")
}

func TestAnEndpointOfTheEnvironmentNeedsNoNameForEachBucket(t *testing.T) {
	server := start(t)
	t.Setenv("AWS_ENDPOINT_URL", server.url)
	t.Setenv("AWS_ACCESS_KEY_ID", "first")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-central-1"))
	require.NoError(t, err)
	require.NoError(t, ping(t, objectstore.Open(cfg, objectstore.Options{Bucket: "content", Region: "eu-central-1"})))
}
