//go:build system

package browser_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	broken := filepath.Join(t.TempDir(), "broken-12.zip")
	require.NoError(t, os.WriteFile(broken, brokenPackage(t), 0o600))
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
				"LECTERN_SAMPLES="+samples, "LECTERN_BROKEN="+broken, "CHROMIUM="+browser)
			cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
			require.NoError(t, cmd.Run())
		})
	}
}

// brokenPackage has a manifest that names a hundred files with long names, none of which is there.
func brokenPackage(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("imsmanifest.xml")
	require.NoError(t, err)
	_, err = io.WriteString(w, `<manifest identifier="m" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="o"><organization identifier="o"><title>Broken</title><item identifier="i" identifierref="r"><title>One</title></item></organization></organizations>
<resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html">`+
		strings.Repeat(`<file href="a-folder-with-a-long-name/another-folder-with-a-long-name/a-picture-that-nobody-packed.png"/>`, 100)+`</resource></resources></manifest>`)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return packed.Bytes()
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
