// Package command runs programs: as a user, in a folder, with an environment, and never with a secret among the
// arguments, which everybody on a machine can read.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Command is a program to run.
type Command struct {
	Name string
	Args []string
	Dir  string
	// Env is the whole environment besides PATH, HOME, USER and LANG, as NAME=value.
	Env []string
	// User to run as; empty: as this process.
	User  string
	Stdin io.Reader
	// Output gets what it prints, as it comes; nil: only the result has it.
	Output io.Writer
}

// Shell is a line for /bin/sh, which ends at the first command that fails.
func Shell(line string) Command { return Command{Name: "/bin/sh", Args: []string{"-ec", line}} }

// Runner runs commands.
type Runner interface {
	// Run waits for the end. The result is the end of what was printed (maxOutput bytes), whose own end (maxReason bytes) an
	// error says too.
	Run(ctx context.Context, c Command) (string, error)
}

// System runs programs of the operating system. When ctx ends the whole process group is asked to (SIGTERM), and killed
// grace later.
type System struct{}

const (
	maxOutput = 64 << 10
	maxReason = 4 << 10 // an instance's console keeps 64 KiB of all that boot says
	grace     = 10 * time.Second
)

// Run implements Runner.
func (System) Run(ctx context.Context, c Command) (string, error) {
	cmd := exec.CommandContext(ctx, c.Name, c.Args...)
	cmd.Dir, cmd.Stdin = c.Dir, c.Stdin
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := runAs(cmd, c.User); err != nil {
		return "", err
	}
	cmd.Env = append(cmd.Env, c.Env...)
	end := &tail{}
	cmd.Stdout = end
	if c.Output != nil {
		cmd.Stdout = io.MultiWriter(end, c.Output)
	}
	cmd.Stderr = cmd.Stdout
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if cmd.Process != nil && ctx.Err() != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind
	}
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(context.Cause(ctx), err)
		}
		said := strings.TrimSpace(end.String())
		return end.String(), fmt.Errorf("%s: %w: %s", c, err, strings.ToValidUTF8(said[max(0, len(said)-maxReason):], ""))
	}
	return end.String(), nil
}

// String names the command for an error: its name and arguments, which hold no secret.
func (c Command) String() string { return strings.Join(append([]string{c.Name}, c.Args...), " ") }

func runAs(cmd *exec.Cmd, name string) error {
	home := "/root"
	if name == "" || name == "root" && os.Geteuid() == 0 {
		if own, err := os.UserHomeDir(); err == nil {
			home = own
		}
		cmd.Env = append(cmd.Env, "HOME="+home)
		return nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return fmt.Errorf("run as %s: %w", name, err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32) // they are numbers on every system with users
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	if int(uid) != os.Geteuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	cmd.Env = append(cmd.Env, "HOME="+u.HomeDir, "USER="+name)
	return nil
}

// tail keeps the last maxOutput bytes.
type tail struct{ buffer bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.buffer.Write(p)
	if over := t.buffer.Len() - maxOutput; over > maxOutput {
		t.buffer.Next(over)
	}
	return len(p), nil
}

func (t *tail) String() string {
	text := t.buffer.String()
	return text[max(0, len(text)-maxOutput):]
}
