package host_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host"
)

func TestTheWorkloadIsAskedAsPeopleAskIt(t *testing.T) {
	var got *http.Request
	status := http.StatusOK
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(t.Context())
		w.Header().Set("Location", "https://learn.example.org/login")
		w.WriteHeader(status)
	}))
	defer app.Close()
	upstream, err := url.Parse(app.URL)
	require.NoError(t, err)
	part := host.WorkloadPart(upstream, "/login/index.php?ping=1", &url.URL{Scheme: "https", Host: "learn.example.org"})
	require.True(t, part.Local)
	for _, status = range []int{200, 204, 302, 401, 404} {
		require.NoError(t, part.Ask(t.Context()), status)
	}
	require.Equal(t, "learn.example.org", got.Host)
	require.Equal(t, "/login/index.php?ping=1", got.RequestURI)
	require.Equal(t, "https", got.Header.Get("X-Forwarded-Proto"))
	for _, status = range []int{500, 502, 503} {
		require.ErrorContains(t, part.Ask(t.Context()), "/login/index.php?ping=1 with 50")
	}
	app.Close()
	require.ErrorContains(t, part.Ask(t.Context()), "connection refused")
	status = http.StatusOK
	require.Error(t, host.WorkloadPart(upstream, "/", nil).Ask(t.Context()), "a workload without a public address is asked too")
}

func TestSharedFilesAreAskedFor(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, host.AskFiles(dir)(t.Context()))
	require.ErrorIs(t, host.AskFiles(filepath.Join(dir, "gone"))(t.Context()), os.ErrNotExist)
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, host.AskFiles(file)(t.Context()), "no directory")
}

func TestALostMountIsNotTakenForTheFolderBelowIt(t *testing.T) {
	dir := t.TempDir()
	below, path := filepath.Join(dir, "below"), filepath.Join(dir, "shared")
	require.NoError(t, os.Mkdir(below, 0o755))
	require.NoError(t, os.Symlink("/proc", path)) // stands for a mount: another file system than its parent's
	ask := host.AskFiles(path)
	require.NoError(t, ask(t.Context()))
	lost := filepath.Join(dir, "lost")
	require.NoError(t, os.Symlink(below, lost))
	require.NoError(t, os.Rename(lost, path))
	require.ErrorContains(t, ask(t.Context()), "nothing is mounted at "+path)
	require.ErrorContains(t, ask(t.Context()), "mount "+path, "as long as it is")
	require.NoError(t, host.AskFiles(path)(t.Context()), "a folder is enough where there never was a mount")
}
