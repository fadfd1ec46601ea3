// Package cluster runs a PostgreSQL server of one's own, from a directory with its programs: for tests, and for people
// who develop on a laptop. (A "cluster" is PostgreSQL's word for one data directory and the server on it.)
package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// User is the superuser of every cluster, and Database its database.
const (
	User     = "postgres"
	Database = "postgres"
)

// patience is how long a server may take to start; crash recovery is part of that.
const patience = 60 * time.Second

// Options say where and how.
type Options struct {
	// Dir holds the data, the log and the password. It is made if need be, and is still there after Stop: starting
	// again in it continues with its data.
	Dir string
	// Bin is the directory of the programs initdb, pg_ctl and postgres; "" finds it, see FindBin.
	Bin string
	// Port is the loopback port to listen on; 0: any free one.
	Port int
	// Settings are further configuration parameters, e.g. "fsync": "off". Without any, the server is durable: what it
	// has acknowledged survives a crash.
	Settings map[string]string
}

// Cluster is a running server.
type Cluster struct {
	Host     string // 127.0.0.1
	Port     string // decimal
	User     string
	Password string // made up when the directory was; it stays the same
	Dir      string

	bin     string
	as      *syscall.Credential // nil: as we are
	process *exec.Cmd
	exited  chan struct{}
}

// Start makes the cluster if the directory holds none, starts the server and waits until it takes queries. A server
// that an earlier run left behind in the directory is stopped first. Root runs it as the user nobody, since PostgreSQL
// refuses root.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c := &Cluster{Host: "127.0.0.1", User: User, bin: o.Bin}
	var err error
	if c.bin == "" {
		if c.bin, err = FindBin(); err != nil {
			return nil, err
		}
	}
	if c.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	if c.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if err := c.prepare(ctx); err != nil {
		return nil, err
	}
	if c.Port, err = port(o.Port); err != nil {
		return nil, err
	}
	if err := c.launch(o.Settings); err != nil {
		return nil, err
	}
	if err := c.wait(ctx); err != nil {
		c.Kill()
		return nil, err
	}
	return c, nil
}

// Stop ends the connections and the server in good order, which takes moments; Kill if ctx ends before. Stopping a
// server that is not running is fine.
func (c *Cluster) Stop(ctx context.Context) error {
	_ = c.process.Process.Signal(syscall.SIGINT) // "fast shutdown"; if it is gone, exited says so
	select {
	case <-c.exited:
		return nil
	case <-ctx.Done():
		c.Kill()
		return fmt.Errorf("cluster: it did not stop in time and was killed: %w", ctx.Err())
	}
}

// Kill stops the server at once, as a crash would: the next start recovers.
func (c *Cluster) Kill() {
	_ = c.process.Process.Signal(syscall.SIGQUIT) // "immediate shutdown": the server's processes end without cleaning up
	<-c.exited
}

// Data is the data directory.
func (c *Cluster) Data() string { return filepath.Join(c.Dir, "data") }

// Log is the server's log file.
func (c *Cluster) Log() string { return filepath.Join(c.Dir, "log") }

// SetPassword stores the password that the superuser was given by somebody, so that the next start knows it.
func (c *Cluster) SetPassword(password string) error {
	c.Password = password
	return os.WriteFile(filepath.Join(c.Dir, "password"), []byte(password), 0o600)
}

// HandOver makes the user that servers run as the owner of a file or directory that was put there from outside.
func HandOver(path string) error {
	as, err := unprivileged()
	if err != nil || as == nil {
		return err
	}
	return os.Chown(path, int(as.Uid), int(as.Gid))
}

// prepare makes directory and data, or what is left of an earlier run ready.
func (c *Cluster) prepare(ctx context.Context) error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if err := HandOver(c.Dir); err != nil {
		return fmt.Errorf("cluster: hand over: %w", err)
	}
	secret := filepath.Join(c.Dir, "password")
	password, err := os.ReadFile(secret)
	if errors.Is(err, fs.ErrNotExist) {
		password = []byte(newPassword())
		err = os.WriteFile(secret, password, 0o600)
	}
	if err == nil {
		err = HandOver(secret)
	}
	if err != nil {
		return fmt.Errorf("cluster: its password: %w", err)
	}
	c.Password = strings.TrimSpace(string(password))

	switch _, err := os.Stat(filepath.Join(c.Data(), "PG_VERSION")); {
	case errors.Is(err, fs.ErrNotExist):
		return c.initdb(ctx, secret)
	case err != nil:
		return fmt.Errorf("cluster: %w", err)
	}
	if _, err := os.Stat(filepath.Join(c.Data(), "postmaster.pid")); err == nil {
		// Its failure means that nothing ran; if something does, launching will say so.
		_ = c.command(ctx, "pg_ctl", "stop", "-D", c.Data(), "-m", "fast", "-t", "20").Run()
	}
	return nil
}

// initdb makes the data directory. It works in a directory of its own name first, so that an interrupted run leaves
// nothing that looks like data.
func (c *Cluster) initdb(ctx context.Context, secret string) error {
	unfinished := c.Data() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	cmd := c.command(ctx, "initdb", "-D", unfinished, "-U", User, "--pwfile", secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cluster: initdb: %w\n%s", err, out)
	}
	if err := os.Rename(unfinished, c.Data()); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	return nil
}

func (c *Cluster) launch(settings map[string]string) error {
	log, err := os.OpenFile(c.Log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("cluster: open the log: %w", err)
	}
	defer log.Close()
	args := []string{"-D", c.Data(), "-p", c.Port, "-c", "listen_addresses=" + c.Host, "-c", "unix_socket_directories="}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	// It outlives the context of the start: Stop ends it.
	c.process = c.command(context.Background(), "postgres", args...)
	c.process.Stdout, c.process.Stderr = log, log
	if err := c.process.Start(); err != nil {
		return fmt.Errorf("cluster: start postgres: %w", err)
	}
	c.exited = make(chan struct{})
	go func() {
		_ = c.process.Wait() // how it ended is in its log
		close(c.exited)
	}()
	return nil
}

// wait returns when the server takes queries.
func (c *Cluster) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := c.Exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-c.exited:
			return fmt.Errorf("cluster: postgres ended at once; its log says:\n%s", tail(c.Log()))
		case <-ctx.Done():
			return fmt.Errorf("cluster: postgres takes no queries: %w; its log says:\n%s", err, tail(c.Log()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Exec runs statements as the superuser on a connection of their own.
func (c *Cluster) Exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable connect_timeout=5", c.Host, c.Port, c.User, c.Password, Database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir = c.Dir
	cmd.Env = []string{"PATH=" + c.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.as} // a Ctrl-C is for whoever started us, who cleans up
	return cmd
}

func port(wanted int) (string, error) {
	if wanted != 0 {
		return strconv.Itoa(wanted), nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("cluster: find a free port: %w", err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

func newPassword() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}
