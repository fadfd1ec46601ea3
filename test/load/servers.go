package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/test/load/learner"
)

// servers are the engine as `lectern-runtime dev` runs it, with its PostgreSQL, from a build of this tree.
type servers struct {
	api      *learner.API
	db       struct{ Host, Port, User, Password string }
	database string
	pgbench  string // path

	engine *exec.Cmd
	dir    string
}

func startServers(ctx context.Context) (_ *servers, err error) {
	s := &servers{database: "lectern"}
	if s.pgbench, err = findPgbench(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "lectern-load-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if err := os.Chmod(s.dir, 0o755); err != nil { // PostgreSQL may run as another user
		return nil, err
	}
	binary := filepath.Join(s.dir, "lectern-runtime")
	fmt.Fprintln(os.Stderr, "Building the runtime …")
	if text, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/lectern/lectern/cmd/runtime").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, text)
	}
	s.engine = exec.Command(binary, "dev", "--dir", filepath.Join(s.dir, "data"), "--listen", "127.0.0.1:0", "--json", "--log-level", "warn")
	s.engine.Stderr = os.Stderr
	s.engine.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := s.engine.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.engine.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("the engine did not start: %w", err)
	}
	var at struct {
		URL, Key string
		Database struct{ Host, Port, User, Password string }
	}
	if err := json.Unmarshal(line, &at); err != nil {
		return nil, fmt.Errorf("the engine said %q: %w", line, err)
	}
	s.db = at.Database
	s.api = &learner.API{Base: at.URL, Key: at.Key, HTTP: http.DefaultClient}
	return s, nil
}

func findPgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench") // the pattern is good
	if len(found) == 0 {
		return "", errors.New("no pgbench: install PostgreSQL's client programs (Debian: postgresql-contrib or postgresql)")
	}
	return found[len(found)-1], nil
}

func (s *servers) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.dsn())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func (s *servers) dsn() string {
	return fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable", s.db.Host, s.db.Port, s.db.User, s.db.Password, s.database)
}

// stop ends the engine, which ends its PostgreSQL, and removes their data.
func (s *servers) stop() {
	if s.engine != nil && s.engine.Process != nil {
		_ = s.engine.Process.Signal(syscall.SIGTERM) // gone already, if it failed
		stopped := time.AfterFunc(30*time.Second, func() { _ = syscall.Kill(-s.engine.Process.Pid, syscall.SIGKILL) })
		_ = s.engine.Wait() // it was told to
		stopped.Stop()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		fmt.Fprintln(os.Stderr, "load: remove", s.dir, err)
	}
}
