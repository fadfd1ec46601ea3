package objectstore_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/objectstore/storetest"
)

// openFake opens a bucket in this process, with what stands between it and the store.
func openFake(t *testing.T, prefix string, between func(http.Handler) http.Handler) *objectstore.Store {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("content"))
	handler := gofakes3.New(backend).Server()
	if between != nil {
		handler = between(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	cfg := aws.Config{RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	return objectstore.Open(cfg, objectstore.Options{Bucket: "content", Region: "auto", Endpoint: server.URL, Prefix: prefix})
}

func TestS3(t *testing.T) {
	storetest.Run(t, storetest.Subject{Presigns: true, Open: func(t *testing.T) objectstore.Port { return openFake(t, "", nil) }})
}
