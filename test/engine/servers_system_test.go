//go:build system

package engine_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const patience = time.Minute

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// program is the path of a program, or the end of the test with how to get it.
func program(t *testing.T, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	message := fmt.Sprintf("NOT TESTED: no %s on PATH; get it with: %s", name, install)
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	fmt.Fprintln(os.Stderr, message)
	t.Skip(message)
	return ""
}

// startServer runs a program until the end of the test and shows the end of what it said if the test fails.
func startServer(t *testing.T, env []string, name string, args ...string) *exec.Cmd {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(name)+".log"))
	require.NoError(t, err)
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children too; gone already is fine
		_ = cmd.Wait()                                      // killed
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s said at the end:\n%s", filepath.Base(name), text[max(0, len(text)-4000):])
		}
	})
	return cmd
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, patience, 50*time.Millisecond, what)
}

func answers(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// startRedis runs a Redis server, as Valkey is on AWS.
func startRedis(t *testing.T) (port int) {
	t.Helper()
	port = freePort(t)
	startServer(t, nil, program(t, "redis-server", "apt-get install redis-server"), "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	await(t, "the Redis server listens", func() bool {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return port
}

// startAWS runs the emulator and returns its address.
func startAWS(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	startServer(t, os.Environ(), program(t, "moto_server", "python3 -m pip install -r test/system/requirements.txt"), "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	url := fmt.Sprintf("http://localhost:%d", port)
	await(t, "the AWS emulator answers", func() bool { return answers(url + "/moto-api/data.json") })
	return url
}

// startBalancer runs HAProxy before the instances, checking their health as the load balancer on AWS does. Like that one it tries
// no request twice.
func startBalancer(t *testing.T, port int, ports []int) {
	t.Helper()
	text := fmt.Sprintf(`defaults
  mode http
  balance roundrobin
  retries 0
  timeout connect 2s
  timeout client 75s
  timeout server 75s
  default-server check inter 500ms fall 2 rise 1
listen engine
  bind 127.0.0.1:%d
  option httpchk GET /api/health
`, port)
	for i, p := range ports {
		text += fmt.Sprintf("  server instance%d 127.0.0.1:%d\n", i, p)
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	startServer(t, nil, program(t, "haproxy", "apt-get install haproxy"), "-f", file, "-db")
}
