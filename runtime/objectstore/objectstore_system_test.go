//go:build system

package objectstore_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/secrets"
)

// server finds a real S3 server, on the PATH or where make builds it.
func server(t *testing.T) string {
	t.Helper()
	built, err := filepath.Abs("../../build/versitygw")
	require.NoError(t, err)
	for _, name := range []string{"versitygw", built} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("versitygw is not installed: make build/versitygw")
	}
	t.Skip("SKIPPED, S3 IS NOT TESTED ON A REAL SERVER: versitygw is not installed: make build/versitygw")
	return ""
}

// gateway starts a real S3 server over dir that knows one pair of keys.
func gateway(t *testing.T, address, dir, id, secret string, more ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(server(t), slices.Concat([]string{"--port", address, "--access", id, "--secret", secret}, more, []string{"posix", dir})...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 20*time.Second, 50*time.Millisecond)
	return cmd
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func TestARealServerAndRotatedKeys(t *testing.T) {
	address := freeAddress(t)
	dir := filepath.Join(t.TempDir(), "data")
	require.NoError(t, os.Mkdir(dir, 0o755))
	endpoint := "http://" + address

	running := gateway(t, address, dir, "first-key", "first-secret")
	admin := s3.New(s3.Options{
		BaseEndpoint: &endpoint, UsePathStyle: true, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("first-key", "first-secret", ""),
	})
	require.Eventually(t, func() bool {
		_, err := admin.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: new("content")})
		return err == nil
	}, 20*time.Second, 100*time.Millisecond)

	keys := map[string]string{"accessKeyId": "first-key", "secretAccessKey": "first-secret"}
	open := func(bucket string) *objectstore.Store {
		return objectstore.Open(aws.Config{RetryMaxAttempts: 1}, objectstore.Options{
			Bucket: bucket, Region: "us-east-1", Endpoint: endpoint,
			Keys: secrets.New(func(context.Context) (string, error) {
				text, err := json.Marshal(keys)
				return string(text), err
			}, secrets.DecodeKeys, 0),
		})
	}
	s := open("content")
	require.NoError(t, ping(t, s))
	require.Error(t, ping(t, open("missing")))

	require.NoError(t, running.Process.Kill())
	_ = running.Wait()
	require.Error(t, ping(t, s))
	gateway(t, address, dir, "first-key", "second-secret") // the key owns the bucket, so only its secret changes
	require.Error(t, ping(t, s), "the secret has not changed yet")
	keys = map[string]string{"accessKeyId": "first-key", "secretAccessKey": "second-secret"}
	put(t, s, "a/b", "every request reads new keys")
	require.NoError(t, ping(t, s))
}
