package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/facts"
)

// machine is a directory to boot into and the programs of an operating system: all do nothing but systemctl, which
// starts what the unit says when it is told to restart it, with its own environment as systemd does.
func (w *world) machine(t *testing.T) (root, path string) {
	t.Helper()
	root, path = t.TempDir(), t.TempDir()
	script := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(path, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	}
	for _, name := range []string{"id", "useradd", "chown", "journalctl"} {
		script(name, "exit 0")
	}
	var quoted []string
	for _, variable := range w.aws.Env() {
		quoted = append(quoted, facts.ShellQuote(variable))
	}
	script("systemctl", fmt.Sprintf(`[ "$1" = restart ] || exit 0
env %s %s serve --config %s/etc/lectern/runtime.json --drain-delay 0s >%s/journal 2>&1 &
echo $! >%s/pid`, strings.Join(quoted, " "), binary, root, root, root))
	t.Cleanup(func() {
		text, err := os.ReadFile(filepath.Join(root, "pid"))
		if err != nil {
			return // it was never started
		}
		pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	})
	return root, path
}

// boot runs the command line of user data, with what only a test needs added.
func (w *world) boot(t *testing.T, root, path string, extra ...string) (string, error) {
	t.Helper()
	args := contract.BootArgs{
		ConfigParameter: "/lectern/demo/web", Region: awstest.Region, StackName: "demo-app", LogicalID: "WebGroup", LaunchHook: "Launch", Revision: "r1",
	}.Args()
	cmd := exec.Command(binary, append(append(args, "--root", root), extra...)...)
	cmd.Env = append(w.aws.Env(), "PATH="+path+":/usr/bin:/bin")
	text, err := cmd.CombinedOutput()
	return string(text), err
}

func TestBootBringsUpARealInstance(t *testing.T) {
	w := newWorld(t)
	text, err := w.conf.JSON()
	require.NoError(t, err)
	w.aws.SetParameter("/lectern/demo/web", text)
	root, path := w.machine(t)
	log, err := w.boot(t, root, path)
	require.NoError(t, err, log)
	w.await(t, 200, allWell)
	require.Equal(t, "SUCCESS", w.aws.Calls("SignalResource")[0].Params["Status"])
	require.Equal(t, "CONTINUE", w.aws.Calls("CompleteLifecycleAction")[0].Params["LifecycleActionResult"])
	for _, name := range []string{"journal", "etc/lectern/runtime.json", "etc/systemd/system/lectern-runtime.service"} {
		written, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		for _, planted := range []string{w.db.Password, cacheToken, storeKey} {
			require.NotContains(t, string(written), planted, name)
			require.NotContains(t, log, planted)
		}
	}
}

func TestBootWithoutADatabaseFailsAndSaysWhich(t *testing.T) {
	w := newWorld(t)
	w.db.Stop()
	text, err := w.conf.JSON()
	require.NoError(t, err)
	w.aws.SetParameter("/lectern/demo/web", text)
	root, path := w.machine(t)
	log, err := w.boot(t, root, path, "--ready-deadline", "3s")
	require.Error(t, err)
	require.Contains(t, log, `\"database\":\"unreachable\",\"storage\":\"accessible\"`)
	require.Equal(t, "FAILURE", w.aws.Calls("SignalResource")[0].Params["Status"])
	require.Equal(t, "ABANDON", w.aws.Calls("CompleteLifecycleAction")[0].Params["LifecycleActionResult"])
}
