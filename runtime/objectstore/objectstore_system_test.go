//go:build system

package objectstore_test

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/secrets"
)

// gateway starts a real S3 server over dir that knows one pair of keys.
func gateway(t *testing.T, address, dir, id, secret string) *exec.Cmd {
	t.Helper()
	var cmd *exec.Cmd
	if path, err := exec.LookPath("versitygw"); err == nil {
		cmd = exec.Command(path, "--port", address, "--access", id, "--secret", secret, "posix", dir)
	} else if path, err := exec.LookPath("minio"); err == nil {
		cmd = exec.Command(path, "server", "--address", address, dir)
		cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+id, "MINIO_ROOT_PASSWORD="+secret)
	} else {
		t.Fatal("neither versitygw nor minio is installed: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0, and put it on the PATH")
	}
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

func TestARealServerAndRotatedKeys(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
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
	require.NoError(t, ping(t, s))
}
