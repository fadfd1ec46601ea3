//go:build system && linux

package system_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// nastyKey is a secret that some reader of an environment file would change, were it written carelessly.
const nastyKey = `it's a "key" $HOME ${HOME} $(id) \ \n # ! %n ` + "`id`" + ` é=1`

// gitAppSite is the client gitapp, whose repository is served here: over SSH, with a host key and a deploy key of the test.
// That key, and the commit, are all that is other than in the client file, beside one more job.
func gitAppSite(t *testing.T) *bootSite {
	t.Helper()
	repository, released := newRepository(t, filepath.Join("testdata", "boot", "gitapp"))
	repository.tag(t, "v2.4.0", released)
	repository.write(t, "bin/build", "echo 'the branch has moved on' >&2; exit 1\n") // while instances start
	repository.commit(t)
	git := serveGitSSH(t, repository, "/example/quiz.git")

	client := referenceClient(t, "gitapp")
	workload := client.section("workload")
	workload["commit"] = released
	workload["hostKeys"] = []string{"github.com " + git.hostKey}
	jobs, _ := workload["jobs"].([]any)
	workload["jobs"] = append(jobs, map[string]any{"name": "tick", "schedule": "*/2 * * * * *", "command": "php bin/tick.php", "limitSeconds": 30})

	s := newBootSite(t, client, debian13Ready)
	s.servers = append(s.servers, server{role: roleGit, host: "github.com", port: "22", target: git.address})
	s.plant(t, "code", map[string]string{"sshPrivateKey": git.deployKey})
	return s
}

// TestBootGitApp boots the client gitapp: packages, code over SSH, a build, a migration, PHP behind nginx, jobs.
func TestBootGitApp(t *testing.T) {
	t.Parallel()
	requireBootTools(t)
	s := gitAppSite(t)

	t.Run("secret never filled in", func(t *testing.T) {
		b := s.boot(t, s.userData, nil)
		b.requireFailure(t, `variable APP_KEY: template`)
		require.Contains(t, b.machine.log(), "never filled in")
		require.Contains(t, b.machine.log(), s.config.Secrets["app"])
	})
	t.Run("wrong recipe", func(t *testing.T) {
		place := s.config.Recipe.Bucket + "/" + s.config.Recipe.Key
		right := s.swap(t, place, []byte(`{"build": [{"run": "touch /it-ran"}]}`))
		defer s.put(t, place, right)
		b := s.boot(t, s.userData, nil)
		b.requireFailure(t, "the configuration says "+s.config.Recipe.SHA256)
	})
	t.Run("failing build", func(t *testing.T) {
		s.plant(t, "app", map[string]string{"APP_KEY": "refused-key", "MAIL_PASSWORD": "planted-mail-password"})
		b := s.boot(t, s.userData, nil)
		b.requireFailure(t, "this key is refused")
		require.Contains(t, b.machine.log(), "sh bin/build", "which command it was")
	})
	s.plant(t, "app", map[string]string{"APP_KEY": nastyKey, "MAIL_PASSWORD": "planted-mail-password"})
	t.Run("unreachable database", func(t *testing.T) {
		b := s.boot(t, s.userData, func(a *surroundings) { a.without = roleDatabase })
		b.requireFailure(t, "Connection refused")
	})
	t.Run("healthy", func(t *testing.T) {
		watch := watchArguments(t, s.secrets)
		b := s.boot(t, s.userData, func(a *surroundings) { a.image = debian13 })
		b.requireWorks(t, s)
		require.Contains(t, b.machine.log(), s.recipe.Code.Commit)

		page := b.page(t, s, "/any/path")
		require.Equal(t, contract.AppUser, page["user"])
		require.Equal(t, "192.0.2.7", page["address"], "whoever asked")
		require.Equal(t, "quiz.example.com", page["host"])
		require.Equal(t, "on", page["https"])
		require.Equal(t, "shared", page["linked"], "uploads are on the shared file system")
		require.Equal(t, "redis", page["sessions"])
		require.Equal(t, fmt.Sprintf("%x", sha256.Sum256([]byte(nastyKey))), page["key"])
		require.Equal(t, "production", page["environment"])
		for _, name := range []string{"cipher", "built", "bcmath"} {
			require.Equal(t, true, page[name], name)
		}
		b.requireEnvironmentFile(t)
		b.requireRotation(t, s)
		b.requireJobsEnd(t, s)
		watch.requireClean(t)
		b.requireNoSecrets(t)
		b.requireNothingForTheWorld(t)
		s.requireNotInTemplates(t)
	})
}

// requireEnvironmentFile asks systemd and sh what they read in the file of the environment.
func (b *booted) requireEnvironmentFile(t *testing.T) {
	t.Helper()
	read, err := b.machine.run("systemd-run", "--quiet", "--wait", "--pipe", "--property=EnvironmentFile="+contract.EnvironmentFile, "printenv", "APP_KEY")
	require.NoError(t, err, read)
	require.Equal(t, nastyKey, read, "as systemd reads it")
	read, err = b.machine.run("sh", "-euc", ". "+contract.EnvironmentFile+`; printf %s "$APP_KEY"`)
	require.NoError(t, err, read)
	require.Equal(t, nastyKey, read, "as sh reads it")
	modes, err := b.machine.run("stat", "--format=%U:%G %a %n", contract.EnvironmentDir, contract.EnvironmentFile, contract.EnvironmentJSON, contract.RefreshFile)
	require.NoError(t, err, modes)
	require.Equal(t, strings.Join([]string{
		"root:app 750 " + contract.EnvironmentDir, "root:app 440 " + contract.EnvironmentFile, "root:app 440 " + contract.EnvironmentJSON,
		"app:app 600 " + contract.RefreshFile,
	}, "\n"), modes)
	where, err := b.machine.run("stat", "--file-system", "--format=%T", contract.EnvironmentDir)
	require.NoError(t, err, where)
	require.Equal(t, "tmpfs", where, "it is in memory")
}

// requireRotation changes a secret and says so, as a workload that is refused does: the next request has the new one.
func (b *booted) requireRotation(t *testing.T, s *bootSite) {
	t.Helper()
	s.plant(t, "app", map[string]string{"APP_KEY": "rotated-key", "MAIL_PASSWORD": "planted-mail-password"})
	b.secrets = s.secrets
	output, err := b.machine.run("runuser", "-u", contract.AppUser, "--", "touch", contract.RefreshFile)
	require.NoError(t, err, output)
	began := time.Now()
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("rotated-key")))
	require.Eventually(t, func() bool { return b.page(t, s, "/")["key"] == want }, 20*time.Second, 100*time.Millisecond, "the new secret does not arrive")
	t.Logf("a rotated secret is in use after %.1f s", time.Since(began).Seconds())
}

// requireJobsEnd stops the host while a job runs: it ends first, and its connection to the database with it.
func (b *booted) requireJobsEnd(t *testing.T, s *bootSite) {
	t.Helper()
	running := func() string {
		return s.ask(t, "SELECT COUNT(*) FROM ticks WHERE ended IS NULL")
	}
	require.Eventually(t, func() bool { return running() == "1" }, 30*time.Second, 50*time.Millisecond, "no job runs")
	b.requireDrain(t)
	require.Equal(t, "0", running(), "jobs were cut off")
	require.NotEqual(t, "0", s.ask(t, "SELECT COUNT(*) FROM ticks"))
}
