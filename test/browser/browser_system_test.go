//go:build system

package browser_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/sample"
)

const repository = "../.."

// TestBrowser starts one service and one PostgreSQL for all.
func TestBrowser(t *testing.T) {
	browser := need(t, cmp.Or(os.Getenv("CHROMIUM"), "/usr/bin/chromium"), "a Chromium; set CHROMIUM to its path, or: apt-get install chromium")
	node := need(t, filepath.Join(repository, "node_modules/.bin/node"), "Node; run: npm ci")
	samples := t.TempDir()
	for name, pack := range map[string]func() ([]byte, error){"sample-2004.zip": sample.Zip, "sample-12.zip": sample.Zip12} {
		content, err := pack()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(samples, name), content, 0o600))
	}
	if os.Getenv("LECTERN_CONTENT") == "" {
		fmt.Fprintln(os.Stderr, "browser: only the sample course is played; LECTERN_CONTENT may name a folder with scorm12/ and scorm2004/")
	}
	readScripts(t)
	s := startService(t)
	for _, script := range []string{"units.mjs", "packages.mjs", "delivery.mjs", "player.mjs", "console.mjs", "hostile.mjs"} {
		t.Run(script, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, node, "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--test-reporter=spec", script)
			cmd.Env = append(os.Environ(), "LECTERN_URL="+s.URL, "LECTERN_API="+s.API, "LECTERN_CONTROL="+s.Control, "LECTERN_KEY="+s.Key, "LECTERN_RIVAL_KEY="+s.Rival,
				"LECTERN_SAMPLES="+samples, "CHROMIUM="+browser)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			require.NoError(t, cmd.Run())
		})
	}
}

// readScripts tells go test which files a result depends on, so that it keeps none after they have changed.
func readScripts(t *testing.T) {
	t.Helper()
	scripts, err := filepath.Glob("*.*js")
	require.NoError(t, err)
	for _, name := range scripts {
		_, err := os.ReadFile(name)
		require.NoError(t, err)
	}
}

// need is the absolute path of a file; without it nothing is tested.
func need(t *testing.T, path, what string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	require.NoError(t, err)
	if _, err := os.Stat(full); err != nil {
		message := "browser: nothing is tested: there is no " + what
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		fmt.Fprintln(os.Stderr, message)
		t.Skip(message)
	}
	return full
}
