// Package servers runs real programs on this machine for system tests: our own binary, Redis, HAProxy and an AWS emulator. A
// program that is not there ends the test as skipped, or as failed with CI=true, with how to get it. All listen on loopback and end with
// the test.
package servers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a server may take to come, or to change.
const patience = time.Minute

// FreePort is a port that nobody listens on. It is below those that the system gives to outgoing connections (on Linux from
// 32768), since one of these may take a port of that range before a server that was killed is back on it.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		if l, err := net.Listen("tcp", Loopback(port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("none of 100 ports between 20000 and 32000 is free")
	return 0
}

// Loopback is the address of a port on this machine.
func Loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Players is where the players of an engine on this machine are, for its PlayerURL: browsers find names below localhost by
// themselves, others ask the engine's address with a player's name in the Host header.
func Players(port int) string { return fmt.Sprintf("http://*.play.localhost:%d", port) }

// Program is the path of a program, or the end of the test with how to get it.
func Program(t testing.TB, name, install string) string {
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

// built is where the binary is, once a test has asked for it.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// Main runs the tests of a package that uses BuildRuntime, from its TestMain, and returns the exit code.
func Main(m *testing.M) int {
	defer func() {
		if err := os.RemoveAll(built.dir); err != nil {
			fmt.Fprintln(os.Stderr, "servers:", err)
		}
	}()
	return m.Run()
}

// BuildRuntime builds lectern-runtime from this tree, once in a package, and returns its path.
func BuildRuntime(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "lectern-runtime-"); built.err != nil {
			return
		}
		text, err := exec.Command("go", "build", "-o", filepath.Join(built.dir, "lectern-runtime"), "github.com/lectern/lectern/cmd/runtime").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("build the runtime: %w\n%s", err, text)
		}
	})
	require.NoError(t, built.err)
	return filepath.Join(built.dir, "lectern-runtime")
}

// Await waits until ok, for a minute.
func Await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !ok() {
		require.True(t, time.Now().Before(end), "waited %s in vain: %s", patience, what)
		time.Sleep(50 * time.Millisecond)
	}
}

// Answers says whether a GET of url gets 200.
func Answers(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Listens says whether somebody takes connections on a port.
func Listens(port int) bool {
	c, err := net.Dial("tcp", Loopback(port))
	if err == nil {
		c.Close()
	}
	return err == nil
}
