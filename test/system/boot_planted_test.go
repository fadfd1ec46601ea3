//go:build system && linux

package system_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// argumentWatch looks for secrets among the arguments of all processes, those of the machines included, which everybody
// on a machine can read, until it is stopped.
type argumentWatch struct {
	stop func()

	mu    sync.Mutex
	looks int
	found map[string]string // secret → arguments
}

func watchArguments(t *testing.T, secrets []string) *argumentWatch {
	t.Helper()
	w := &argumentWatch{found: map[string]string{}}
	ended, done := make(chan struct{}), make(chan struct{})
	w.stop = sync.OnceFunc(func() { close(ended); <-done })
	t.Cleanup(w.stop)
	go func() {
		defer close(done)
		for {
			w.look(secrets)
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return w
}

func (w *argumentWatch) look(secrets []string) {
	processes, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	for _, path := range processes {
		arguments, _ := os.ReadFile(path) // gone by now: empty
		for _, secret := range secrets {
			if bytes.Contains(arguments, []byte(secret)) {
				w.found[secret] = strings.ReplaceAll(string(arguments), "\x00", " ")
			}
		}
	}
}

// requireClean ends the watch: nothing was found in many looks.
func (w *argumentWatch) requireClean(t *testing.T) {
	t.Helper()
	w.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	require.Empty(t, w.found, "secrets among the arguments of processes")
	require.Greater(t, w.looks, 20, "hardly anybody looked")
	t.Logf("looked %d times at the arguments of all processes", w.looks)
}

// requireNothingForTheWorld searches, as a user of the machine who may do nothing, all that this user can read.
func (b *booted) requireNothingForTheWorld(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, b.secrets)
	command := exec.Command("nsenter", "--target", strconv.Itoa(b.machine.leader), "--all", "--",
		"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
		"grep", "--recursive", "--files-with-matches", "--no-messages", "--fixed-strings", "--devices=skip", "--file=-",
		"/etc", "/run", "/srv", "/var", "/opt", "/tmp", "/dev/shm")
	command.Stdin = strings.NewReader(strings.Join(b.secrets, "\n") + "\n")
	found, _ := command.Output() // status 1: nothing; 2: there were files that it could not read
	require.Empty(t, string(found), "everybody on the instance can read a secret in these files")
	code := command.ProcessState.ExitCode()
	require.Contains(t, []int{1, 2}, code, "grep did not search")
}

// requireNotInTemplates looks into all that was deployed: the templates and their assets, the launch templates and the parameters.
func (s *bootSite) requireNotInTemplates(t *testing.T) {
	t.Helper()
	looked := 0
	require.NoError(t, filepath.WalkDir(s.assembly.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Size() > 4<<20 { // the runtime itself
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range s.secrets {
			require.NotContains(t, string(content), secret, path)
		}
		looked++
		return err
	}))
	require.Greater(t, looked, 3)
	for _, r := range s.emulator.resources(t) {
		if r.Type != "AWS::EC2::LaunchTemplate" && r.Type != "AWS::SSM::Parameter" {
			continue
		}
		for _, secret := range s.secrets {
			require.NotContains(t, s.userData+jsonText(t, r.Properties), secret, r.LogicalID)
		}
	}
}
