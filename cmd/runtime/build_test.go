package main_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// build builds the binary as the asset is built (see the Makefile), from the module in dir.
func build(dir, out, goos, goarch string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "./cmd/runtime")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch, "GOFLAGS=", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", cmd, err, text)
	}
	return nil
}

// module is the top of the repository.
const module = "../.."

// binary is lectern-runtime for this machine, built by TestMain.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "lectern-runtime-")
	if err == nil {
		binary = filepath.Join(dir, "lectern-runtime")
		err = build(module, binary, runtime.GOOS, runtime.GOARCH)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir) // in the temporary directory, where it bothers nobody
	os.Exit(code)
}

// TestTheBinaryIsAFunctionOfItsSource builds from two places. The hash of the asset, and with it the launch template,
// must not change because somebody else synthesizes.
func TestTheBinaryIsAFunctionOfItsSource(t *testing.T) {
	top, err := filepath.Abs(module)
	require.NoError(t, err)
	elsewhere := filepath.Join(t.TempDir(), "a path", "of another length")
	for _, name := range []string{"runtime", "cmd/runtime"} {
		require.NoError(t, os.CopyFS(filepath.Join(elsewhere, name), os.DirFS(filepath.Join(top, name))))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(top, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(elsewhere, name), text, 0o644))
	}
	there := filepath.Join(t.TempDir(), "lectern-runtime")
	require.NoError(t, build(elsewhere, there, runtime.GOOS, runtime.GOARCH))
	one, err := os.ReadFile(binary)
	require.NoError(t, err)
	two, err := os.ReadFile(there)
	require.NoError(t, err)
	require.Equal(t, sha256.Sum256(one), sha256.Sum256(two), "same source, different bytes")
	for _, path := range []string{top, elsewhere} {
		require.False(t, bytes.Contains(one, []byte(path)), "the binary holds a path of this machine")
	}
}
