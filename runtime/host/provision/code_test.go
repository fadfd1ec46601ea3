package provision_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
)

const (
	app       = "srv/app/"
	deployARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:deploy-AbCdEf"
)

// withGit makes the machine run the real git.
func withGit(t *testing.T, s *gitServer) *rig {
	t.Helper()
	r := newRig(t)
	r.answer = func(c command.Command) (string, error) { return command.System{}.Run(t.Context(), c) }
	r.Recipe.Code = contract.Code{Repository: s.url, Ref: "main"}
	return r
}

func TestTheWantedCommitIsCheckedOut(t *testing.T) {
	s := newGitServer(t)
	first := s.commit(map[string]string{"index.php": "one", "old.php": "x"})
	r := withGit(t, s)
	r.Recipe.Code.Commit = first
	r.Recipe.Directories = []contract.Directory{{Path: "/srv/app/cache", Owner: contract.OwnerApp, Mode: "0750"}}
	require.NoError(t, r.MakeDirectories(t.Context()))
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "one", r.read(t, app+"index.php"))
	require.Equal(t, "2000:2000", r.owned["/srv/app/index.php"])
	require.NoDirExists(t, filepath.Join(r.Root, app, ".git"))
	require.Contains(t, r.log.String(), first)

	asked := s.requests.Load()
	r.put(t, app+"index.php", "changed on the instance")
	r.put(t, app+"vendor/lib.php", "made by a build")
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "one", r.read(t, app+"index.php"))
	require.Equal(t, "made by a build", r.read(t, app+"vendor/lib.php"))
	require.Equal(t, asked, s.requests.Load(), "the commit is there already")

	r.Recipe.Code.Commit = s.commit(map[string]string{"index.php": "two"})
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "two", r.read(t, app+"index.php"))
	require.NoFileExists(t, filepath.Join(r.Root, app, "old.php"))
}

func TestARefWithoutACommitIsWhatItIsNow(t *testing.T) {
	s := newGitServer(t)
	s.commit(map[string]string{"index.php": "one"})
	s.git(s.work, "tag", "-a", "-m", "release", "v1.0")
	s.git(s.work, "push", "--quiet", "origin", "v1.0")
	r := withGit(t, s)
	require.NoError(t, r.FetchCode(t.Context()))
	s.commit(map[string]string{"index.php": "two"})
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "two", r.read(t, app+"index.php"))
	r.Recipe.Code.Ref = "v1.0"
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "one", r.read(t, app+"index.php"))
	r.Recipe.Code.Ref = "v9"
	require.ErrorContains(t, r.FetchCode(t.Context()), "gave up after 3 tries")
}

func TestAReleaseStaysWhatItWasWhenTheBranchMovesOn(t *testing.T) {
	for name, old := range map[string]bool{"server gives commits": false, "server gives refs only": true} {
		t.Run(name, func(t *testing.T) {
			s := newGitServer(t)
			s.old = old
			s.commit(map[string]string{"index.php": "zero"})
			released := s.commit(map[string]string{"index.php": "released"})
			for _, text := range []string{"later", "latest"} {
				s.commit(map[string]string{"index.php": text})
			}
			r := withGit(t, s)
			r.Recipe.Code.Commit = released
			require.NoError(t, r.FetchCode(t.Context()))
			require.Equal(t, "released", r.read(t, app+"index.php"))
		})
	}
}

func TestACommitThatIsNowhereIsAnError(t *testing.T) {
	s := newGitServer(t)
	s.commit(map[string]string{"index.php": "one"})
	r := withGit(t, s)
	r.Recipe.Code.Commit = strings.Repeat("ab", 20)
	err := r.FetchCode(t.Context())
	require.ErrorContains(t, err, "commit abab")
	require.ErrorContains(t, err, "is not in the history of main")
	require.NotContains(t, r.log.String(), `"msg":"trying again"`, "repeating does not help")
	require.NoFileExists(t, filepath.Join(r.Root, app, "index.php"))
}

func TestATokenOpensTheRepositoryAndIsSeenNowhere(t *testing.T) {
	s := newGitServer(t)
	s.token = planted
	commit := s.commit(map[string]string{"index.php": "one"})
	r := withGit(t, s)
	r.Recipe.Code.Commit, r.Recipe.Code.Secret = commit, "deploy"
	r.Facts.Secrets = map[string]string{"deploy": deployARN}
	text := `{"token":"wrong"}`
	r.Secret = func(_ context.Context, arn string) (string, error) {
		require.Equal(t, deployARN, arn)
		return text, nil
	}
	require.ErrorContains(t, r.FetchCode(t.Context()), "Authentication failed")
	text = `{"token":"` + planted + `"}`
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "one", r.read(t, app+"index.php"))

	for _, c := range r.ran {
		require.NotContains(t, c.String()+strings.Join(c.Env, " "), planted)
	}
	require.NotContains(t, r.log.String(), planted)
	require.NoError(t, filepath.WalkDir(r.Root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		written, err := os.ReadFile(path)
		require.NotContains(t, string(written), planted, path)
		return err
	}))

	for secret, problem := range map[string]string{
		`{"unset":""}`:            "was never filled in",
		`{"sshPrivateKey":"abc"}`: `has no field "token"`,
		planted:                   "is no JSON object",
		`{"token":"a\nb"}`:        "has a line break",
	} {
		text = secret
		err := r.FetchCode(t.Context())
		require.ErrorContains(t, err, problem)
		require.NotContains(t, err.Error(), planted)
	}
	r.Facts.Secrets = nil
	require.ErrorContains(t, r.FetchCode(t.Context()), `wants the secret "deploy", which the configuration does not have`)
}

func TestAPrivateRepositoryAsksNobody(t *testing.T) {
	s := newGitServer(t)
	s.commit(map[string]string{"index.php": "one"})
	s.token = planted
	require.ErrorContains(t, withGit(t, s).FetchCode(t.Context()), "could not read Username")
}

func TestReadOnlyCodeBelongsToRootOnceItIsBuilt(t *testing.T) {
	s := newGitServer(t)
	s.commit(map[string]string{"index.php": "one"})
	r := withGit(t, s)
	r.Recipe.Code.ReadOnly = true
	r.Recipe.Directories = []contract.Directory{{Path: "/srv/app/cache", Owner: contract.OwnerApp, Mode: "0750"}}
	require.NoError(t, r.FetchCode(t.Context()))
	require.Equal(t, "2000:2000", r.owned["/srv/app/index.php"], "the build may write")
	clear(r.owned)
	require.NoError(t, r.Build(t.Context()))
	for path, owner := range r.owned {
		if path == "/srv/app/cache" {
			require.Equal(t, "2000:2000", owner)
		} else {
			require.Equal(t, "0:0", owner, path)
		}
	}
	require.Contains(t, r.owned, "/srv/app/cache")
}

func TestSSHTrustsTheRecipesHostKeysAlone(t *testing.T) {
	r := newRig(t)
	r.Recipe.Code = contract.Code{
		Repository: "ssh://git@example.com/app.git", Ref: "main", Commit: strings.Repeat("a", 40), Secret: "deploy",
		HostKeys: []string{"example.com ssh-ed25519 AAAA"},
	}
	r.Facts.Secrets = map[string]string{"deploy": deployARN}
	r.Secret = func(context.Context, string) (string, error) {
		return `{"sshPrivateKey":"-----BEGIN\n` + planted + `\n-----END"}`, nil
	}
	seen := 0
	r.answer = func(c command.Command) (string, error) {
		var ssh string
		for _, v := range c.Env {
			if value, ok := strings.CutPrefix(v, "GIT_SSH_COMMAND="); ok {
				ssh = value
			}
		}
		require.Contains(t, ssh, "'StrictHostKeyChecking=yes'")
		dirs, err := filepath.Glob(filepath.Join(r.Root, "run/lectern/git-*"))
		require.NoError(t, err)
		require.Len(t, dirs, 1)
		require.Equal(t, fs.ModeDir|0o700, r.mode(t, strings.TrimPrefix(dirs[0], r.Root)))
		for name, want := range map[string]string{"known_hosts": "example.com ssh-ed25519 AAAA\n", "key": "-----BEGIN\n" + planted + "\n-----END\n"} {
			file := filepath.Join(dirs[0], name)
			require.Contains(t, ssh, file+"'")
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, want, string(text))
			require.Equal(t, fs.FileMode(0o400), r.mode(t, strings.TrimPrefix(file, r.Root)))
		}
		require.Contains(t, c.Env, "GIT_TERMINAL_PROMPT=0")
		require.NotContains(t, c.String()+ssh, planted)
		seen++
		return "", nil
	}
	require.NoError(t, r.FetchCode(t.Context()))
	require.Positive(t, seen)
	left, err := filepath.Glob(filepath.Join(r.Root, "run/lectern/*"))
	require.NoError(t, err)
	require.Empty(t, left, "the key is gone")
}

func TestNoCodeAsksNothing(t *testing.T) {
	r := newRig(t)
	require.NoError(t, r.FetchCode(t.Context()))
	require.Empty(t, r.lines())
}

func TestALinkInTheCodeLeadsNowhere(t *testing.T) {
	s := newGitServer(t)
	s.commit(map[string]string{"index.php": "one"})
	r := withGit(t, s)
	r.put(t, "etc/secret/key", "root's")
	require.NoError(t, r.FetchCode(t.Context()))
	require.NoError(t, os.Symlink("../../etc/secret", filepath.Join(r.Root, app, "data"))) // as the workload may
	require.NoError(t, r.FetchCode(t.Context()), "a second boot")
	require.Equal(t, "2000:2000", r.owned["/srv/app/data"], "the link itself")
	require.NotContains(t, r.owned, "/etc/secret/key")
	require.NotContains(t, r.owned, "/srv/app/data/key")
}
