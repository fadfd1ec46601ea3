//go:build system

package system_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The zones that the reference clients name; they exist before any deploy.
const (
	hostedZone  = "Z0123456789ABCDEFGHIJ=example.com"
	playersZone = "Z0987654321ABCDEFGHIJ=example-play.com"
)

// emulator is a running emulator of one AWS account.
type emulator struct {
	account  string
	endpoint string // its host reads localhost: the AWS SDKs then address buckets by path
}

// startEmulator runs an emulator for the length of the test, and shows the end of its
// journal and log when the test fails.
func startEmulator(t *testing.T, account string) *emulator {
	t.Helper()
	port := freePort(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "emulator.log"))
	require.NoError(t, err)
	command := exec.Command(python(t), "emulator", "-H", "127.0.0.1", "-p", fmt.Sprint(port),
		"--account", account, "--zone", hostedZone, "--zone", playersZone)
	command.Stdout, command.Stderr = log, log
	command.Env = environment(t, "PYTHONDONTWRITEBYTECODE=1")
	require.NoError(t, command.Start(), "starting the emulator")
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()

	e := &emulator{account: account, endpoint: fmt.Sprintf("http://localhost:%d", port)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the emulator's journal ends:\n%s", e.journalTail(25))
			t.Logf("the emulator's log has these errors:\n%s", logErrors(log.Name()))
		}
		_ = command.Process.Signal(syscall.SIGTERM)
		<-exited //nolint:errcheck // how it ended does not matter any more
		_ = log.Close()
	})
	require.Eventually(t, func() bool {
		select {
		case err := <-exited:
			exited <- err
			shown, _ := os.ReadFile(log.Name())
			require.FailNow(t, "the emulator did not start", "%v\n%s\nits packages: %s", err, shown, pythonPackages)
		default:
		}
		_, err := e.page("health")
		return err == nil
	}, time.Minute, 100*time.Millisecond, "the emulator does not answer")
	return e
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// entry is one line of the emulator's journal.
type entry struct {
	Seq        int
	Event      string
	Stack      string
	Region     string
	LogicalID  string `json:"logicalId"`
	Type       string
	PhysicalID string `json:"physicalId"`
	Status     string
	Reason     string
	Kind       string // of a gap
	Subject    string // of a gap
	Policy     string
	Properties []string
}

// resource is one that is alive, or retained, in the account.
type resource struct {
	Stack          string
	Region         string
	LogicalID      string `json:"logicalId"`
	Type           string
	PhysicalID     string `json:"physicalId"`
	State          string
	DeletionPolicy string `json:"deletionPolicy"`
	Emulated       string
	Properties     map[string]any
	// Service is what the service knows beside the properties, of types that no service stands behind.
	Service struct {
		AuthTokens []string `json:"authTokens"`
	}
}

func (e *emulator) page(name string) ([]byte, error) {
	answer, err := http.Get(e.endpoint + "/_lectern/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// journal is what happened after the first since entries.
func (e *emulator) journal(t *testing.T, since int) []entry {
	t.Helper()
	body, err := e.page(fmt.Sprintf("journal?since=%d", since))
	require.NoError(t, err)
	var entries []entry
	lines := json.NewDecoder(bytes.NewReader(body))
	for lines.More() {
		var one entry
		require.NoError(t, lines.Decode(&one))
		entries = append(entries, one)
	}
	return entries
}

// mark is the length of the journal now, to ask for what follows.
func (e *emulator) mark(t *testing.T) int {
	return len(e.journal(t, 0))
}

func (e *emulator) resources(t *testing.T) []resource {
	t.Helper()
	body, err := e.page("resources")
	require.NoError(t, err)
	var found []resource
	require.NoError(t, json.Unmarshal(body, &found))
	return found
}

// failure is one that a test orders: the resource fails before it is touched, or after it
// was made or changed.
type failure struct {
	stack, resource, operation, when string
	times                            int // 0 is once
}

func (e *emulator) orderFailure(t *testing.T, f failure) {
	t.Helper()
	order := url.Values{"stack": {f.stack}, "resource": {f.resource}, "operation": {f.operation}, "when": {f.when},
		"times": {fmt.Sprint(max(1, f.times))}}
	answer, err := http.Post(e.endpoint+"/_lectern/fail?"+order.Encode(), "", nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	content, _ := io.ReadAll(answer.Body)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", content)
}

// pendingFailures are those ordered that have not happened yet.
func (e *emulator) pendingFailures(t *testing.T) []map[string]any {
	t.Helper()
	body, err := e.page("fail")
	require.NoError(t, err)
	var pending []map[string]any
	require.NoError(t, json.Unmarshal(body, &pending))
	return pending
}

func (e *emulator) clearFailures(t *testing.T) {
	t.Helper()
	request, err := http.NewRequest(http.MethodDelete, e.endpoint+"/_lectern/fail", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
}

func (e *emulator) journalTail(lines int) string {
	body, err := e.page("journal")
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(body)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// logErrors is the emulator's log without its access lines.
func logErrors(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	var kept []string
	for line := range strings.Lines(string(content)) {
		if !strings.Contains(line, `" 2`) && !strings.Contains(line, "HTTP/1.1") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-60):], "")
}
