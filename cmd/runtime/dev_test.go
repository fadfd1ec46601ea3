package main_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestASecondLaptopInOneFolder: it is refused and told who is there, and the first one goes on, its PostgreSQL included.
func TestASecondLaptopInOneFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "lectern-dev-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755)) // PostgreSQL may run as another user, who must reach it
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	args := []string{"dev", "--dir", dir, "--listen", "127.0.0.1:0", "--json", "--log-level", "warn"}
	first := exec.Command(binary, args...)
	first.Stderr = os.Stderr
	out, err := first.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, first.Start())
	t.Cleanup(func() {
		_ = first.Process.Kill() // gone already, if the test went well
		_ = first.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	var at struct{ URL, Console, Key, Sample string }
	require.NoError(t, json.Unmarshal(line, &at))

	text, err := exec.Command(binary, args...).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "is in use by process "+strconv.Itoa(first.Process.Pid))

	service, err := url.Parse(at.URL)
	require.NoError(t, err)
	require.Equal(t, "localhost", service.Hostname())
	link, err := url.Parse(at.Sample)
	require.NoError(t, err)
	require.Regexp(t, `^[a-z2-7]{26}\.play\.localhost:`+service.Port()+`$`, link.Host)
	ask := func(method, host, path, body string) int { // a browser finds names below localhost by itself
		r, err := http.NewRequest(method, "http://127.0.0.1:"+service.Port()+path, strings.NewReader(body))
		require.NoError(t, err)
		r.Host = host
		r.Header.Set("Authorization", "Bearer "+at.Key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		answer.Body.Close()
		return answer.StatusCode
	}
	require.Equal(t, 200, ask(http.MethodGet, service.Host, "/api/v1/courses", ""))
	require.Equal(t, 200, ask(http.MethodGet, service.Host, "/console/", ""))
	require.Equal(t, 200, ask(http.MethodGet, link.Host, link.Path, ""))
	require.Equal(t, 200, ask(http.MethodPost, link.Host, "/player/open", `{"token":"`+strings.TrimPrefix(link.Path, "/launch/")+`"}`))

	// The lock ends with its holder, in whatever way that ends.
	require.NoError(t, first.Process.Signal(syscall.SIGKILL))
	require.Error(t, first.Wait())
	again := exec.Command(binary, args...)
	out, err = again.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, again.Start())
	_, err = bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, again.Process.Signal(syscall.SIGTERM))
	stopped := time.AfterFunc(30*time.Second, func() { _ = again.Process.Kill() })
	defer stopped.Stop()
	require.NoError(t, again.Wait())
}

// TestALaptopListensToItself: players have names below localhost, which lead other machines to themselves.
func TestALaptopListensToItself(t *testing.T) {
	text, err := exec.Command(binary, "dev", "--dir", t.TempDir(), "--listen", "192.0.2.1:0").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(text), "--listen")
}
