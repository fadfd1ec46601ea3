package servers

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Process is a program that was started.
type Process struct {
	t      testing.TB
	cmd    *exec.Cmd
	exited chan struct{}
	log    string // file
}

// Start runs a program until the end of the test, and shows the end of what it said if the test fails. env is its whole environment.
func Start(t testing.TB, env []string, name string, args ...string) *Process {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(name)+".log"))
	require.NoError(t, err)
	p := &Process{t: t, cmd: exec.Command(name, args...), exited: make(chan struct{}), log: log.Name()}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = log, log, env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, p.cmd.Start())
	_ = log.Close() // the program has its own
	go func() {
		_ = p.cmd.Wait() // ExitCode tells
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.KillMachine()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s said at the end:\n%s", filepath.Base(name), text[max(0, len(text)-4000):])
		}
	})
	return p
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Said is what it has said so far, on both outputs.
func (p *Process) Said() string {
	p.t.Helper()
	text, err := os.ReadFile(p.log)
	require.NoError(p.t, err)
	return string(text)
}

// Alive says whether it still runs.
func (p *Process) Alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Terminate sends SIGTERM, as systemd does.
func (p *Process) Terminate() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
}

// ExitCode waits for the end, at most limit, and returns the exit code; −1 if a signal ended it.
func (p *Process) ExitCode(limit time.Duration) int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(limit):
		require.Fail(p.t, "the process goes on", "%s had %s to end", filepath.Base(p.cmd.Path), limit)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the process alone with SIGKILL, as the kernel does that runs out of memory. What it started goes on.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // gone already is fine
	<-p.exited
}

// KillMachine ends the process and everything that it started, in whatever process group, with SIGKILL: as a machine that is lost.
func (p *Process) KillMachine() {
	if p.Alive() { // else its number may be another's by now
		KillTree(p.PID())
		_ = syscall.Kill(-p.PID(), syscall.SIGKILL) // those of its group that had lost their parent
	}
	<-p.exited
}

// KillTree ends a process and its descendants with SIGKILL. All are stopped before any is killed, so that none sees another die, or
// starts one more meanwhile.
func KillTree(pid int) {
	var tree []int
	for grown := true; grown; {
		now := append([]int{pid}, descendants(pid)...)
		grown = len(now) > len(tree)
		tree = now
		for _, p := range tree {
			_ = syscall.Kill(p, syscall.SIGSTOP) // gone already is fine
		}
	}
	for _, p := range tree {
		_ = syscall.Kill(p, syscall.SIGKILL)
	}
}

// descendants are the children of a process and theirs, as /proc knows them.
func descendants(pid int) []int {
	children := map[int][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		panic(errors.Join(errors.New("no /proc: these tests need Linux"), err))
	}
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has ended
		}
		// proc_pid_stat(5): pid (comm) state ppid …; comm may hold anything, also ")".
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[0] != "Z" {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], child)
		}
	}
	found := slices.Clone(children[pid])
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}
