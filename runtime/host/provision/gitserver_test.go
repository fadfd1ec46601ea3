package provision_test

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// gitServer serves one repository by git's own CGI program.
type gitServer struct {
	t        *testing.T
	url      string
	work     string // a clone to commit in
	requests atomic.Int32
	token    string // wanted as the password of x-access-token; empty: everybody may read
	old      bool   // speaks the first protocol, in which a commit that no ref points to is not given
}

func newGitServer(t *testing.T) *gitServer {
	t.Helper()
	program, err := exec.LookPath("git")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("git is not installed; install the package git")
		}
		t.Skip("SKIPPED: git is not installed, so fetching code is not tested; install the package git")
	}
	root := t.TempDir()
	s := &gitServer{t: t, work: filepath.Join(root, "work")}
	s.git(root, "init", "--quiet", "--bare", "-b", "main", "app.git")
	s.git(root, "init", "--quiet", "-b", "main", "work")
	s.git(s.work, "remote", "add", "origin", filepath.Join(root, "app.git"))
	backend := &cgi.Handler{
		Path: program, Args: []string{"http-backend"}, Dir: root,
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.requests.Add(1)
		if user, password, _ := req.BasicAuth(); s.token != "" && (user != "x-access-token" || password != s.token) {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if s.old {
			req.Header.Del("Git-Protocol")
		}
		backend.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/app.git"
	return s
}

func (s *gitServer) git(dir string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// commit makes the files what is in the repository, pushes main and returns the commit.
func (s *gitServer) commit(files map[string]string) string {
	s.t.Helper()
	s.git(s.work, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
	for name, text := range files {
		path := filepath.Join(s.work, name)
		require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(s.t, os.WriteFile(path, []byte(text), 0o644))
	}
	s.git(s.work, "add", "--all")
	s.git(s.work, "commit", "--quiet", "--allow-empty", "-m", "change")
	s.git(s.work, "push", "--quiet", "--force", "origin", "HEAD:main")
	return s.git(s.work, "rev-parse", "HEAD")
}
