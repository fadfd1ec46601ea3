package provision_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/host/provision"
)

const planted = "hunter2-planted-secret"

// rig is a machine below a temporary directory that remembers what it ran.
type rig struct {
	*provision.Machine
	log   *logBuffer
	owned map[string]string // path below Root → uid:gid that it was given

	mu     sync.Mutex
	ran    []command.Command
	answer func(command.Command) (string, error) // nil: everything succeeds and says nothing
}

// logBuffer may be written to while it is read.
type logBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{log: &logBuffer{}, owned: map[string]string{}}
	root := t.TempDir()
	r.Machine = &provision.Machine{
		Root: root, System: "debian-13", Commands: r, Log: slog.New(slog.NewJSONHandler(r.log, nil)),
		Facts: facts.Facts{
			Config:  contract.Config{Region: "eu-central-1", Workload: "site", PublicURL: "https://learn.example.com"},
			CodeDir: contract.CodeDir, User: contract.AppUser, Vars: map[string]string{"fpm": "php8.4-fpm"},
		},
		Recipe:   contract.Recipe{DrainSeconds: 60},
		Patience: time.Millisecond, FirstPause: time.Millisecond, LockPause: 5 * time.Millisecond, LockLife: 2 * time.Second,
		MountInfo: filepath.Join(root, "mountinfo"),
	}
	r.Chown = func(path string, uid, gid int) error {
		name, err := filepath.Rel(root, path)
		r.owned["/"+name] = fmt.Sprintf("%d:%d", uid, gid)
		return err
	}
	r.put(t, "mountinfo", "")
	return r
}

// Run implements command.Runner.
func (r *rig) Run(_ context.Context, c command.Command) (string, error) {
	r.mu.Lock()
	r.ran = append(r.ran, c)
	r.mu.Unlock()
	if r.answer == nil {
		return "", nil
	}
	out, err := r.answer(c)
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", c, err, out)
	}
	return out, err
}

// lines are the commands so far, as one would type them.
func (r *rig) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, c := range r.ran {
		lines = append(lines, c.String())
	}
	return lines
}

func (r *rig) forget() { r.ran = nil }

func (r *rig) put(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.Root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func (r *rig) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.Root, name))
	require.NoError(t, err)
	return string(text)
}

func (r *rig) mode(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(filepath.Join(r.Root, name))
	require.NoError(t, err)
	return info.Mode()
}

var errStatus = errors.New("exit status 1")

// failing answers with an error to what begins so, and with nothing to all else.
func failing(prefixes ...string) func(command.Command) (string, error) {
	return func(c command.Command) (string, error) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(c.String(), prefix) {
				return "it said why", errStatus
			}
		}
		return "", nil
	}
}
