//go:build system && linux

package system_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// machine is a booted Debian under systemd-nspawn. Its disk is memory: nothing it does is kept but /var/log.
type machine struct {
	name   string
	logs   string // its /var/log
	leader int    // PID 1 of the machine, as seen from outside
}

// machineSpec is what a machine is switched on with.
type machineSpec struct {
	image    image
	userData string
	hosts    map[string]string // names that it resolves
	trusted  []byte            // added to its certificate authorities, PEM
	files    map[string]string // further files in it: path → content, readable and executable by all
	shared   map[string]string // folders outside → where they are in it
}

// bootMachine boots an image with user data, as EC2 would, and switches it off when the test ends.
func bootMachine(t *testing.T, n *network, spec machineSpec) *machine {
	t.Helper()
	folder, err := os.MkdirTemp("", "lectern-boot-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	m := &machine{name: filepath.Base(folder), logs: filepath.Join(folder, "log")}
	require.NoError(t, os.MkdirAll(filepath.Join(m.logs, "journal"), 0o755)) // systemd-journald then keeps it there
	base := spec.image.folder(t)
	copyFolders(t, filepath.Join(base, "var/log"), m.logs)

	seed := filepath.Join(folder, "seed")
	require.NoError(t, os.Mkdir(seed, 0o755))
	put := func(path, content string) string {
		path = filepath.Join(folder, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o755))
		return path
	}
	put("seed/user-data", spec.userData)
	put("seed/meta-data", "instance-id: "+m.name+"\nlocal-hostname: "+m.name+"\n")
	lines := "127.0.0.1 localhost " + m.name + "\n"
	for name, address := range spec.hosts {
		lines += address + " " + name + "\n"
	}
	const systemRoots = "/etc/ssl/certs/ca-certificates.crt"
	roots, err := os.ReadFile(filepath.Join(base, systemRoots))
	require.NoError(t, err)

	binds := map[string]string{
		seed:                "/var/lib/cloud/seed/nocloud",
		put("hosts", lines): "/etc/hosts",
		put("roots", string(roots)+string(spec.trusted)): systemRoots,
		// The network is there already.
		put("network.cfg", "network: {config: disabled}\nmanage_etc_hosts: false\n"): "/etc/cloud/cloud.cfg.d/99-network.cfg",
	}
	arguments := []string{
		"--quiet", "--directory=" + base, "--volatile=overlay", "--machine=" + m.name, "--boot",
		"--network-namespace-path=" + n.path, "--resolv-conf=off", "--timezone=off", "--link-journal=no",
		"--register=no", "--keep-unit", "--console=pipe", "--bind=" + m.logs + ":/var/log",
	}
	for path, content := range spec.files {
		binds[put("files"+path, content)] = path
	}
	for from, to := range spec.shared {
		arguments = append(arguments, "--bind="+from+":"+to)
	}
	for from, to := range binds {
		arguments = append(arguments, "--bind-ro="+from+":"+to)
	}
	m.start(t, n, folder, arguments)
	return m
}

// copyFolders makes the folders of one folder in another, with their owners and modes, without the files in them.
func copyFolders(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || path == from {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		made := filepath.Join(to, strings.TrimPrefix(path, from))
		if err := os.MkdirAll(made, 0o755); err != nil {
			return err
		}
		owner := info.Sys().(*syscall.Stat_t)
		return errors.Join(os.Chown(made, int(owner.Uid), int(owner.Gid)), os.Chmod(made, info.Mode()))
	}))
}

// start runs systemd-nspawn, and waits until it has started the machine's systemd.
func (m *machine) start(t *testing.T, n *network, folder string, arguments []string) {
	t.Helper()
	const joinAndRun = `for group in $GROUPS_TO_JOIN; do echo $$ >"$group"; done; exec systemd-nspawn "$@"`
	join := strings.Join(cgroups(t, m.name), " ")
	console, err := os.Create(filepath.Join(folder, "console"))
	require.NoError(t, err)
	command := exec.Command("sh", append([]string{"-ec", joinAndRun, "systemd-nspawn"}, arguments...)...)
	// Amazon Linux 2023 has control groups of version 2 only, and so has this machine, whatever the one it runs on has.
	command.Env = append(os.Environ(), "GROUPS_TO_JOIN="+join, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	command.Stdout, command.Stderr = console, console
	// Should this process end without its cleanups, systemd-nspawn is asked to shut the machine
	// down. The signal comes at the end of the thread that starts it, so that is the network's.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	n.inside(func() { err = command.Start() })
	require.NoError(t, err, "starting systemd-nspawn")
	exited := make(chan struct{})
	go func() { _ = command.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = console.Close()
		if m.leader != 0 {
			_ = syscall.Kill(m.leader, syscall.SIGKILL) // its PID namespace goes with it, and nspawn ends
		}
		select {
		case <-exited:
			return
		case <-time.After(10 * time.Second):
		}
		_ = command.Process.Kill()
		<-exited
	})
	children := fmt.Sprintf("/proc/%d/task/%[1]d/children", command.Process.Pid)
	require.Eventually(t, func() bool {
		select {
		case <-exited:
			shown, _ := os.ReadFile(console.Name())
			require.FailNow(t, "systemd-nspawn ended", "%s", shown)
		default:
		}
		content, _ := os.ReadFile(children)
		for _, field := range strings.Fields(string(content)) {
			if pid, err := strconv.Atoi(field); err == nil {
				if name, _ := os.ReadFile("/proc/" + field + "/comm"); strings.TrimSpace(string(name)) == "systemd" {
					m.leader = pid
				}
			}
		}
		return m.leader != 0
	}, time.Minute, 20*time.Millisecond, "systemd does not start")
}

// run is a command inside of the machine: what it prints, and its error.
func (m *machine) run(name string, arguments ...string) (string, error) {
	output, err := exec.Command("nsenter", append([]string{"--target", strconv.Itoa(m.leader), "--all", "--", name}, arguments...)...).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// log is what user data printed so far; on EC2 it is the instance's console output too.
func (m *machine) log() string {
	content, _ := os.ReadFile(filepath.Join(m.logs, "cloud-init-output.log")) // not there yet: empty
	return string(content)
}

// waitForUserData returns when user data has ended, well or not.
func (m *machine) waitForUserData(t *testing.T, limit time.Duration) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(m.log(), " finished at ") }, limit, 50*time.Millisecond,
		"user data does not end")
}
