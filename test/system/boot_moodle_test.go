//go:build system && linux

package system_test

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// realMoodle is the environment variable that names the folder of a bare git repository with Moodle itself, of which HEAD
// is taken; Composer's servers must then be reachable too. Without it a small tree stands for Moodle, which installs,
// upgrades, keeps caches and answers through the same scripts and settings.
const realMoodle = "LECTERN_MOODLE"

const moodleHost, moodlePath = "github.com", "/moodle/moodle.git"

// moodleSite is the client moodle, whose repository is served here under its own name.
func moodleSite(t *testing.T) (*bootSite, *repository) {
	t.Helper()
	client := referenceClient(t, "moodle")
	var code *repository
	var first string
	if folder := os.Getenv(realMoodle); folder != "" {
		code = &repository{folder: folder}
		client.section("workload")["ref"] = "HEAD"
		client.section("workload")["commit"] = runGit(t, folder, "rev-parse", "HEAD")
	} else {
		code, first = newRepository(t, filepath.Join("testdata", "boot", "moodle"))
	}
	s := newBootSite(t, client, debian13Ready)
	if first != "" {
		code.tag(t, s.recipe.Code.Ref, first) // the stand-in is the version that the client file asks for
	}
	require.Equal(t, "https://"+moodleHost+moodlePath, s.recipe.Code.Repository)
	s.web[moodleHost] = code.http(t, moodlePath)
	if os.Getenv(realMoodle) != "" { // Composer fetches libraries for the real one
		mux := http.NewServeMux()
		mux.Handle("/", passOn(moodleHost))
		mux.Handle(moodlePath+"/", s.web[moodleHost])
		s.web[moodleHost] = mux
		for _, host := range []string{"repo.packagist.org", "api.github.com", "codeload.github.com"} {
			s.web[host] = passOn(host)
		}
	}
	for _, arn := range s.config.Secrets {
		s.secret(t, arn)
	}
	return s, code
}

func passOn(host string) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "https", Host: host}) }}
}

// TestBootMoodle boots two instances of the client moodle on an empty database at the same time, and later one of a newer
// version.
func TestBootMoodle(t *testing.T) {
	t.Parallel()
	requireBootTools(t)
	s, code := moodleSite(t)
	standIn := os.Getenv(realMoodle) == ""

	t.Run("unreachable database", func(t *testing.T) {
		b := s.boot(t, s.userData, func(a *surroundings) { a.without = roleDatabase })
		b.requireFailure(t, "onnection refused")
	})
	t.Run("two instances, one database", func(t *testing.T) {
		watch := watchArguments(t, s.secrets)
		ids := s.instances(t)
		require.Greater(t, len(ids), 1)
		both := []*booted{
			s.boot(t, s.userData, func(a *surroundings) { a.instance = ids[0] }),
			s.boot(t, s.userData, func(a *surroundings) { a.instance = ids[1] }),
		}
		for _, b := range both {
			b.requireWorks(t, s)
			b.requireNoSecrets(t)
			b.requireNothingForTheWorld(t)
		}
		require.Contains(t, both[0].machine.log()+both[1].machine.log(), "waiting for another instance")
		watch.requireClean(t)
		s.requireNotInTemplates(t)
		if !standIn {
			page := both[0].get(t, s, "/login/index.php")
			require.Equal(t, http.StatusOK, page.status, page.body)
			require.Contains(t, page.body, "loginform")
			return
		}
		require.Equal(t, "1", s.ask(t, "SELECT count(*) FROM mdl_log WHERE what LIKE 'installed%'"), "installations")
		for _, b := range both {
			b.requireMoodle(t, s)
		}
		sent := both[1].get(t, s, "/index.php?file=1")
		require.Equal(t, answer{http.StatusOK, "shared"}, sent, "nginx sends what PHP names")
		for _, path := range []string{"/version.php", "/lib/cache.php", "/lectern-data/written"} {
			require.Equal(t, http.StatusNotFound, both[0].get(t, s, path).status, path)
		}
		require.Equal(t, http.StatusBadRequest, both[0].get(t, s, "/../config.php").status)
		both[0].requireDrain(t)
	})
	if !standIn {
		return
	}
	t.Run("a newer version", func(t *testing.T) {
		code.write(t, "version.php", "<?php\n$version = 2026101902.00;\n$release = '5.3 (stand-in)';\n")
		runGit(t, code.folder, "tag", "--force", s.recipe.Code.Ref, code.commit(t))
		b := s.boot(t, s.userData, func(a *surroundings) { a.image = debian13 })
		b.requireWorks(t, s)
		require.Equal(t, "2026101902.00", b.page(t, s, "/")["version"])
		require.Equal(t, "1", s.ask(t, "SELECT count(*) FROM mdl_log WHERE what = 'upgraded 2026101902.00'"), "upgrades")
		require.NoFileExists(t, filepath.Join(s.files.folder, "climaintenance.html"), "the site stays in maintenance")
	})
}

// requireMoodle asks an instance for a page that uses all that Moodle uses.
func (b *booted) requireMoodle(t *testing.T, s *bootSite) {
	t.Helper()
	page := b.page(t, s, "/index.php/some/path")
	require.Equal(t, contract.AppUser, page["user"])
	require.Equal(t, "/some/path", page["path"])
	require.Equal(t, "192.0.2.7", page["address"])
	require.Equal(t, s.config.PublicURL, page["root"])
	require.Equal(t, "on", page["https"])
	require.Equal(t, "t", page["tls"], "the connection to the database")
	require.NotZero(t, page["visits"], "the application cache")
	require.Equal(t, float64(1), page["count"], "the session")
	require.Equal(t, false, page["writable"], "what answers requests can change the code")
	caches, err := os.ReadFile(filepath.Join(s.files.folder, "muc.json"))
	require.NoError(t, err)
	require.Contains(t, string(caches), `"store":"lectern"`, "application caches are in Memcached")
}
