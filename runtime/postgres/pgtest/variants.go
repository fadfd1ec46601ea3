package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/lectern/lectern/runtime/postgres/cluster"
)

// Demote restarts the cluster as a read-only standby, which is what a client meets that still talks to the old writer
// after a failover.
func (s *Server) Demote() {
	s.t.Helper()
	s.Stop()
	s.put("standby.signal", nil)
	s.Start()
}

// Promote makes a demoted cluster a writer again.
func (s *Server) Promote() {
	s.t.Helper()
	s.Exec("SELECT pg_promote()")
}

// UseTLS restarts the cluster with a certificate for these names, signed by itself, and returns it as PEM. Connections in the
// clear are still taken.
func (s *Server) UseTLS(names ...string) []byte {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must("make a key", err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "pgtest"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	s.must("make a certificate", err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	s.must("encode the key", err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.Stop()
	s.put("server.crt", certificate)
	s.put("server.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	s.settings["ssl"] = "on"
	s.Start()
	return certificate
}

// put writes a file into the data directory, for the eyes of the server alone.
func (s *Server) put(name string, data []byte) {
	s.t.Helper()
	path := filepath.Join(s.dir, "data", name)
	s.must("write "+name, os.WriteFile(path, data, 0o600))
	s.must("hand over "+name, cluster.HandOver(path))
}

// Replica makes a streaming replica of the cluster: a copy of its files that follows it. The cluster is stopped in
// order for the copy, and started again.
func (s *Server) Replica() *Server {
	s.t.Helper()
	r := newServer(s.t, s.settings)
	s.StopInOrder()
	s.must("copy the data", os.CopyFS(r.dir, os.DirFS(s.dir)))
	s.must("hand over the copy", filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o700) // PostgreSQL insists
		}
		if err == nil {
			err = cluster.HandOver(path)
		}
		return err
	}))
	r.put("standby.signal", nil)
	r.settings["primary_conninfo"] = fmt.Sprintf("host=%s port=%s user=%s password=%s", s.Host, s.Port, User, s.Password)
	s.Start()
	r.Start()
	return r
}
