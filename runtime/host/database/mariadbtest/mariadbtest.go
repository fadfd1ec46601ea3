// Package mariadbtest runs a real MariaDB for a test: a new data directory, on a free loopback port, with TLS for
// localhost, stopped and removed at the end. On Debian: apt-get install mariadb-server. Where it is not installed the
// test is skipped with a message that says so; with CI=true it fails.
package mariadbtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/secrets"
)

// What every server has: an administrator for Exec, and a user for the test, who owns Database but is no administrator,
// as on RDS.
const (
	User     = "app"
	Password = "first-password"
	Database = "app"
	admin    = "mariadbtest" // not the name that RDS gives its own
	adminKey = "admin-password"
)

// Server is a running server.
type Server struct {
	Host, Port string
	// CABundle is the file with the certificate.
	CABundle string

	t       testing.TB
	dir     string
	process *exec.Cmd
}

// Start makes a server and starts it.
func Start(t testing.TB) *Server {
	t.Helper()
	return StartFor(t, "localhost")
}

// StartFor makes a server whose certificate is for these names, and starts it.
func StartFor(t testing.TB, names ...string) *Server {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := exec.LookPath(program); err != nil {
			message := "mariadbtest: nothing is tested: " + err.Error() + "; on Debian: apt-get install mariadb-server"
			if os.Getenv("CI") == "true" {
				t.Fatal(message)
			}
			fmt.Fprintln(os.Stderr, message)
			t.Skip(message)
		}
	}
	dir, err := os.MkdirTemp("", "lectern-mariadb-")
	s := &Server{Host: "127.0.0.1", t: t, dir: dir, CABundle: filepath.Join(dir, "cert.pem")}
	s.must("make a directory", err)
	t.Cleanup(func() {
		s.Stop()
		s.must("remove it", os.RemoveAll(dir))
	})
	if os.Geteuid() == 0 {
		s.must("open the directory", os.Chmod(dir, 0o755))
	}
	s.certificate(names)
	s.must("hand over", exec.Command("chown", "-R", s.user(), dir).Run())
	install := exec.Command("mariadb-install-db", "--no-defaults", "--datadir="+s.data(), "--user="+s.user(), "--auth-root-authentication-method=normal", "--skip-test-db")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("mariadbtest: %v: %s", err, out)
	}
	init := fmt.Sprintf("CREATE DATABASE IF NOT EXISTS %s;\nCREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;\nCREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\nGRANT ALL ON %s.* TO '%s'@'%%';\n",
		Database, admin, adminKey, admin, User, Password, Database, User)
	s.must("write", os.WriteFile(filepath.Join(dir, "init.sql"), []byte(init), 0o644))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must("find a free port", err)
	s.Port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	s.Start("--init-file=" + filepath.Join(dir, "init.sql"))
	return s
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// user: the server refuses root.
func (s *Server) user() string {
	if os.Geteuid() == 0 {
		return "nobody"
	}
	return strconv.Itoa(os.Geteuid())
}

// Start starts a stopped server on the same port and waits until it takes queries.
func (s *Server) Start(args ...string) {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	s.must("open the log", err)
	defer log.Close()
	s.process = exec.Command("mariadbd", append([]string{
		"--no-defaults", "--datadir=" + s.data(), "--user=" + s.user(), "--bind-address=" + s.Host, "--port=" + s.Port,
		"--socket=" + filepath.Join(s.dir, "socket"), "--pid-file=" + filepath.Join(s.dir, "pid"), "--innodb-flush-log-at-trx-commit=0",
		"--innodb-buffer-pool-size=32M", "--ssl-cert=" + s.CABundle, "--ssl-key=" + filepath.Join(s.dir, "key.pem"),
	}, args...)...)
	s.process.Stdout, s.process.Stderr = log, log
	s.must("start", s.process.Start())
	for range 600 {
		if err = s.exec("SELECT 1"); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Fatalf("mariadbtest: it takes no queries: %v; its log says:\n%s", err, text)
}

// Stop stops the server at once, as a crash would. Stopping twice is fine.
func (s *Server) Stop() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGKILL)
		_ = s.process.Wait()
		s.process = nil
	}
}

// Options lead the user of the test to the server, with TLS.
func (s *Server) Options(login *secrets.Secret[secrets.Login]) database.Options {
	return database.Options{
		Database: contract.Database{Engine: contract.EngineMariaDB, Host: "localhost", Port: s.Port, Name: Database, TLSMode: contract.TLSVerifyFull},
		CABundle: s.CABundle, AppName: "test", Login: login,
	}
}

// Exec runs one statement as an administrator.
func (s *Server) Exec(statement string) {
	s.t.Helper()
	s.must(statement, s.exec(statement))
}

// Query is what one statement answers an administrator: rows as lines, columns with tabs between.
func (s *Server) Query(statement string) string {
	s.t.Helper()
	out, err := s.run(statement)
	s.must(statement, err)
	return strings.TrimSpace(out)
}

func (s *Server) exec(statement string) error {
	_, err := s.run(statement)
	return err
}

func (s *Server) run(statement string) (string, error) {
	cmd := exec.Command("mariadb", "--no-defaults", "--skip-ssl", "-h", s.Host, "-P", s.Port, "-u", admin, "--batch", "--skip-column-names", "-e", statement)
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+adminKey)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return string(out), nil
}

// CA is the certificate, which is signed by itself, as PEM.
func (s *Server) CA() []byte {
	s.t.Helper()
	text, err := os.ReadFile(s.CABundle)
	s.must("read the certificate", err)
	return text
}

func (s *Server) certificate(names []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must("make a key", err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mariadbtest"}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	s.must("make a certificate", err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	s.must("encode the key", err)
	s.must("write", os.WriteFile(s.CABundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	s.must("write", os.WriteFile(filepath.Join(s.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

func (s *Server) must(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("mariadbtest: %s: %v", what, err)
	}
}
