//go:build system

package objectstore_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/objectstore/storetest"
)

const region = "us-east-1"

func login() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider("first-key", "first-secret", "")
}

// eachItsBucket opens stores in new buckets of one server.
func eachItsBucket(cfg aws.Config, o objectstore.Options) func(*testing.T) objectstore.Port {
	var last atomic.Int64
	admin := s3.NewFromConfig(cfg, func(so *s3.Options) {
		so.Region = region
		if o.Endpoint != "" {
			so.BaseEndpoint, so.UsePathStyle = &o.Endpoint, true
		}
	})
	return func(t *testing.T) objectstore.Port {
		mine := o
		mine.Bucket, mine.Region = fmt.Sprintf("bucket-%d", last.Add(1)), region
		require.Eventually(t, func() bool {
			_, err := admin.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &mine.Bucket})
			return err == nil
		}, 20*time.Second, 100*time.Millisecond)
		return objectstore.Open(cfg, mine)
	}
}

func TestAStoreThatSpeaksS3(t *testing.T) {
	address := freeAddress(t)
	gateway(t, address, t.TempDir(), "first-key", "first-secret")
	storetest.Run(t, storetest.Subject{Presigns: true, Checks: true, Open: eachItsBucket(
		aws.Config{Credentials: login()}, objectstore.Options{Endpoint: "http://" + address, Prefix: "clients/demo"},
	)})
}

// The requests are those for Amazon S3: to a name for each bucket, encrypted, with the checksums that are the SDK's
// default for it. Only the connection goes elsewhere.
func TestAmazonS3(t *testing.T) {
	address, dir := freeAddress(t), t.TempDir()
	domain := "s3." + region + ".amazonaws.com"
	trusted, certFile, keyFile := certificate(t, dir, domain, "*."+domain)
	data := filepath.Join(dir, "data")
	require.NoError(t, os.Mkdir(data, 0o755))
	gateway(t, address, data, "first-key", "first-secret", "--cert", certFile, "--key", keyFile, "--virtual-domain", domain)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		},
		TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	storetest.Run(t, storetest.Subject{Presigns: true, Checks: true, Client: client, Open: eachItsBucket(
		aws.Config{Credentials: login(), HTTPClient: client}, objectstore.Options{},
	)})
}

func certificate(t *testing.T, dir string, names ...string) (trusted *x509.CertPool, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	trusted = x509.NewCertPool()
	require.True(t, trusted.AppendCertsFromPEM(certPEM))
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return trusted, certFile, keyFile
}
