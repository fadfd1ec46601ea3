//go:build system

package cache_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/cache/cachetest"
	"github.com/lectern/lectern/runtime/secrets"
)

// server starts a real Valkey or Redis with TLS and a password.
func server(t *testing.T, port, token string, trusted *x509.CertPool) *exec.Cmd {
	t.Helper()
	program := ""
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("neither valkey-server nor redis-server is installed; on Debian: apt-get install redis-server")
	}
	dir := t.TempDir()
	certFile, keyFile := selfSigned(t, dir, trusted)
	cmd := exec.Command(program, "--bind", "127.0.0.1", "--port", "0", "--tls-port", port, "--tls-cert-file", certFile, "--tls-key-file", keyFile,
		"--tls-ca-cert-file", certFile, "--tls-auth-clients", "no", "--requirepass", token, "--save", "", "--dir", dir)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	return cmd
}

// selfSigned writes a certificate for localhost and adds it to trusted.
func selfSigned(t *testing.T, dir string, trusted *x509.CertPool) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "cache"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.True(t, trusted.AppendCertsFromPEM(certPEM))
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(t, os.WriteFile(certFile, certPEM, 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return certFile, keyFile
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}

func TestARealServer(t *testing.T) {
	cachetest.Run(t, cachetest.Subject{Open: func(t *testing.T) (cache.Port, func(time.Duration)) {
		port, trusted := freePort(t), x509.NewCertPool()
		server(t, port, "token", trusted)
		v := cache.OpenValkey(cache.ValkeyOptions{
			Host: "localhost", Port: port, TLS: true, TLSConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
			Token: secrets.New(func(context.Context) (string, error) { return "token", nil }, secrets.DecodeToken, 0),
		})
		t.Cleanup(func() { _ = v.Close() })
		return v, time.Sleep
	}})
}

func TestARealServerWithTLSAndARotatedToken(t *testing.T) {
	port := freePort(t)
	trusted := x509.NewCertPool()
	running := server(t, port, "first", trusted)
	token := "first"
	open := func(host string, roots *x509.CertPool) *cache.Valkey {
		v := cache.OpenValkey(cache.ValkeyOptions{
			Host: host, Port: port, TLS: true, TLSConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			Token: secrets.New(func(context.Context) (string, error) { return token, nil }, secrets.DecodeToken, 0),
		})
		t.Cleanup(func() { _ = v.Close() })
		return v
	}
	v := open("localhost", trusted)
	require.NoError(t, v.Ping(ctx(t)))
	require.ErrorContains(t, open("localhost", nil).Ping(ctx(t)), "certificate", "an unknown authority")
	require.ErrorContains(t, open("127.0.0.1", trusted).Ping(ctx(t)), "certificate", "another name")

	require.NoError(t, running.Process.Kill())
	_ = running.Wait()
	require.Error(t, v.Ping(ctx(t)))
	server(t, port, "second", trusted)
	require.Error(t, v.Ping(ctx(t)), "the secret has not changed yet")
	token = "second"
	require.NoError(t, v.Ping(ctx(t)))
}
