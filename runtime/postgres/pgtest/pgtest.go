// Package pgtest runs a real PostgreSQL for a test: a new cluster in a temporary directory, on a free loopback port,
// stopped and removed at the end. Package cluster says where its programs come from. Where there are none the test is
// skipped with a message that says how to get them; with CI=true it fails.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/lectern/lectern/runtime/postgres/cluster"
)

// User is the superuser of every cluster, and Database its database.
const (
	User     = cluster.User
	Database = cluster.Database
)

// Server is one cluster.
type Server struct {
	Host, Port string
	Password   string // of User

	t        testing.TB
	dir      string
	cluster  *cluster.Cluster // nil: stopped
	settings map[string]string
}

// Start makes a cluster and starts it. Nothing of it is made durable, which is much faster.
func Start(t testing.TB) *Server {
	t.Helper()
	return StartWith(t, map[string]string{"fsync": "off"})
}

// StartWith makes a cluster with these settings, and starts it.
func StartWith(t testing.TB, settings map[string]string) *Server {
	t.Helper()
	s := newServer(t, settings)
	s.Start()
	return s
}

func newServer(t testing.TB, settings map[string]string) *Server {
	t.Helper()
	if _, err := cluster.FindBin(); errors.Is(err, cluster.ErrNoPrograms) {
		message := "pgtest: nothing is tested: " + err.Error()
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		fmt.Fprintln(os.Stderr, message) // go test hides the reason of a skip unless it is verbose
		t.Skip(message)
	}
	dir, err := os.MkdirTemp("", "lectern-pg-")
	s := &Server{t: t, dir: dir, settings: map[string]string{"max_connections": "50"}}
	s.must("make a directory", err)
	maps.Copy(s.settings, settings)
	t.Cleanup(func() {
		s.Stop()
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("pgtest: remove %s: %v", dir, err)
		}
	})
	return s
}

// Start starts a stopped cluster on the same port and waits until it takes queries.
func (s *Server) Start() {
	s.t.Helper()
	if s.cluster != nil {
		return
	}
	port, _ := strconv.Atoi(s.Port) // "" at the first start: any
	c, err := cluster.Start(context.Background(), cluster.Options{Dir: s.dir, Port: port, Settings: s.settings})
	s.must("start", err)
	s.cluster, s.Host, s.Port = c, c.Host, c.Port
	s.Password = c.Password
}

// Stop stops the cluster at once, as a crash would, and keeps its data. Stopping twice is fine.
func (s *Server) Stop() {
	if s.cluster != nil {
		s.cluster.Kill()
		s.cluster = nil
	}
}

// StopInOrder stops the cluster as an administrator would: with a checkpoint, and everything sent to its replicas.
func (s *Server) StopInOrder() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.must("stop in order", s.cluster.Stop(ctx))
	s.cluster = nil
}

// Log is the server's log file.
func (s *Server) Log() string { return s.cluster.Log() }

// Exec runs one statement as the superuser.
func (s *Server) Exec(sql string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.must(sql, s.cluster.Exec(ctx, sql))
}

// SetPassword changes the superuser's password, as a rotation does.
func (s *Server) SetPassword(password string) {
	s.t.Helper()
	s.Exec(fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", User, password))
	s.must("remember the password", s.cluster.SetPassword(password))
	s.Password = password
}

func (s *Server) must(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("pgtest: %s: %v", what, err)
	}
}
