//go:build system && linux

package system_test

import (
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is a bare git repository of one branch, main.
type repository struct {
	folder string // of the bare repository
	work   string
}

// newRepository makes one with the files of a folder as its first commit.
func newRepository(t *testing.T, tree string) (*repository, string) {
	t.Helper()
	r := &repository{folder: filepath.Join(t.TempDir(), "repository.git"), work: t.TempDir()}
	runGit(t, "", "init", "--quiet", "--bare", "--initial-branch=main", r.folder)
	// GitHub gives any commit that it is asked for, and so do most others.
	runGit(t, r.folder, "config", "uploadpack.allowAnySHA1InWant", "true")
	runGit(t, r.work, "init", "--quiet", "--initial-branch=main")
	require.NoError(t, os.CopyFS(r.work, os.DirFS(tree)))
	return r, r.commit(t)
}

// commit publishes what is in the work folder.
func (r *repository) commit(t *testing.T) string {
	t.Helper()
	runGit(t, r.work, "add", "--all")
	runGit(t, r.work, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=A change")
	runGit(t, r.work, "push", "--quiet", r.folder, "main")
	return runGit(t, r.work, "rev-parse", "HEAD")
}

// write changes a file of the work folder.
func (r *repository) write(t *testing.T, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(r.work, name), []byte(content), 0o644))
}

// tag publishes a tag on a commit.
func (r *repository) tag(t *testing.T, name, commit string) {
	t.Helper()
	runGit(t, r.folder, "tag", name, commit)
}

// http serves the repository at a path, for everybody to read.
func (r *repository) http(t *testing.T, path string) http.Handler {
	t.Helper()
	return &cgi.Handler{
		Path: filepath.Join(runGit(t, "", "--exec-path"), "git-http-backend"),
		Root: strings.TrimSuffix(path, "/"),
		Env:  append(gitEnvironment(), "GIT_PROJECT_ROOT="+r.folder, "GIT_HTTP_EXPORT_ALL=1"),
	}
}

// gitEnvironment keeps the user's and the system's configuration out.
func gitEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null"}
}

func runGit(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	command := exec.Command("git", arguments...)
	command.Dir = folder
	command.Env = gitEnvironment()
	output, err := command.CombinedOutput()
	require.NoError(t, err, "git %v: %s", arguments, output)
	return strings.TrimSpace(string(output))
}
