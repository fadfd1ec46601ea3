package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/command"
)

const recipeKey = "assets/recipe.json"

// site is a rig whose configuration names a recipe.
type site struct {
	*rig
	recipe contract.Recipe
	served []byte // what S3 answers; nil: the recipe
	ran    []command.Command
	fail   string // beginning of a command that fails
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{}
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/assets-bucket/"+recipeKey {
			http.NotFound(w, req)
			return
		}
		_, _ = w.Write(s.served)
	}))
	t.Cleanup(store.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", store.URL)
	s.rig = newRig(t)
	s.boot.Commands, s.boot.Locks = s, cache.NewEmbedded(0)
	s.boot.Chown = func(string, int, int) error { return nil }
	s.put(t, "/etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n")
	s.recipe = contract.Recipe{
		Distributions: map[string]contract.Distribution{"debian-13": {Packages: []string{"nginx"}, Vars: map[string]string{"web": "nginx"}}},
		Directories:   []contract.Directory{{Path: "/etc/site", Owner: contract.OwnerRoot, Mode: "0755"}},
		Environment:   []contract.Variable{{Name: "PASSWORD", Value: `{{secret "database" "password"}}`}},
		Files:         []contract.File{{Path: "/etc/site/conf", Content: "db={{.Database.Host}} id={{.InstanceID}}", Owner: contract.OwnerApp, Mode: "0640"}},
		Build:         []contract.Command{{Run: "make build", LimitSeconds: 10}},
		Once:          []contract.Once{{Name: "install", Check: "site check", Run: "site install", LimitSeconds: 10}},
		Services:      []contract.Service{{Name: "{{.Vars.web}}"}},
		CheckPath:     "/", DrainSeconds: 30,
	}
	s.configure(t)
	return s
}

// configure publishes the recipe and a configuration with its SHA-256.
func (s *site) configure(t *testing.T) {
	t.Helper()
	text, err := s.recipe.JSON()
	require.NoError(t, err)
	s.served = text
	sum := sha256.Sum256(text)
	c, err := contract.Parse([]byte(document(t, "postgres.example.org")))
	require.NoError(t, err)
	c.Workload, c.Recipe = "site", contract.RecipeSource{Bucket: "assets-bucket", Key: recipeKey, SHA256: hex.EncodeToString(sum[:])}
	document, err := c.JSON()
	require.NoError(t, err)
	s.aws.SetParameter(parameter, document)
}

func (s *site) put(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(s.path(name)), 0o755))
	require.NoError(t, os.WriteFile(s.path(name), []byte(text), 0o600))
}

// Run implements command.Runner: starting the environment writes it, as its unit does.
func (s *site) Run(_ context.Context, c command.Command) (string, error) {
	s.ran = append(s.ran, c)
	line := c.String()
	switch {
	case s.fail != "" && strings.Contains(line, s.fail):
		return "", errors.New(line + ": exit status 1")
	case c.Name == "journalctl":
		return "cannot use " + planted + "\n" + lastWords + "\n", nil
	case strings.HasSuffix(line, "restart "+contract.EnvironmentUnit):
		path := s.path(contract.EnvironmentJSON)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", err
		}
		return "", os.WriteFile(path, []byte(`{"PASSWORD":"`+planted+`"}`), 0o400)
	case c.Name == "id":
		return "2000\n", nil
	case c.Name == "getent":
		return "app:x:2000:\n", nil
	case c.Name == "dpkg-query":
		return "", errors.New("no packages found")
	}
	return "", nil
}

// order requires that the first commands with each of these words came in this order.
func (s *site) order(t *testing.T, words ...string) {
	t.Helper()
	last := -1
	for _, word := range words {
		at := slices.IndexFunc(s.ran, func(c command.Command) bool { return strings.Contains(c.String(), word) })
		require.Greater(t, at, last, "%s: too early, or never", word)
		last = at
	}
}

func (s *site) stopped() (units []string) {
	for _, c := range s.ran {
		if unit, ok := strings.CutPrefix(c.String(), "systemctl disable --now "); ok {
			units = append(units, unit)
		}
	}
	return units
}

func TestBootFollowsARecipe(t *testing.T) {
	s := newSite(t)
	for range 2 { // booting again is harmless
		s.ran = nil
		require.NoError(t, s.boot.Run(t.Context()))
		require.False(t, slices.ContainsFunc(s.ran, func(c command.Command) bool { return c.Name == "useradd" || c.Name == "chown" }), "what the engine needs is for the engine")
		s.order(t, "id -u app", "install --yes --no-install-recommends nginx", "restart lectern-environment.service", "make build", "site check",
			"restart nginx.service", "restart "+contract.UnitName)
		require.Empty(t, s.stopped())
	}
	conf, err := os.ReadFile(s.path("/etc/site/conf"))
	require.NoError(t, err)
	require.Equal(t, "db=postgres.example.org id="+awstest.InstanceID, string(conf))
	kept, err := os.ReadFile(s.path(contract.RecipePath))
	require.NoError(t, err)
	require.Equal(t, s.served, kept)
	info, err := os.Stat(s.path(contract.ConfigPath))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
	unit, err := os.ReadFile(s.path("/etc/systemd/system/" + contract.UnitName))
	require.NoError(t, err)
	require.Contains(t, string(unit), "lectern-runtime host --config")
	require.Contains(t, string(unit), "\nTimeoutStopSec=75\n")

	for _, c := range s.ran {
		require.NotContains(t, c.String(), planted)
		if strings.Contains(c.String(), "make build") {
			require.Equal(t, []string{"PASSWORD=" + planted}, c.Env)
			require.Equal(t, contract.AppUser, c.User)
		}
	}
	require.NotContains(t, s.log.String(), planted)
	for _, step := range []string{"fetch the recipe", "install packages", "build", "run what is run once", "wait until ready", "signal CloudFormation"} {
		require.Contains(t, s.log.String(), `"msg":"boot step done","step":"`+step+`","ms":`)
	}
	statuses, results := s.signals()
	require.Equal(t, []string{"SUCCESS", "SUCCESS"}, statuses)
	require.Equal(t, []string{"CONTINUE", "CONTINUE"}, results)
}

func TestARecipeThatFailsLeavesNothingHalfWorking(t *testing.T) {
	host, web, environment := contract.UnitName, "nginx.service", contract.EnvironmentUnit
	for name, tc := range map[string]struct {
		breaks  func(*testing.T, *site)
		reason  string
		stopped []string
	}{
		"other bytes": {func(_ *testing.T, s *site) { s.served = append(s.served, ' ') }, "has the SHA-256 ", nil},
		"no recipe": {func(t *testing.T, s *site) {
			s.recipe.CheckPath = ""
			s.configure(t)
		}, "checkPath: ", nil},
		"other system":     {func(t *testing.T, s *site) { s.put(t, "/etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\n") }, "the operating system is ubuntu-24.04", nil},
		"no packages":      {func(_ *testing.T, s *site) { s.fail = "install --yes" }, "boot: install packages: ", nil},
		"no environment":   {func(_ *testing.T, s *site) { s.fail = "restart " + environment }, "boot: start the environment: ", []string{environment}},
		"build fails":      {func(_ *testing.T, s *site) { s.fail = "make build" }, "boot: build: build 1: ", []string{environment}},
		"service fails":    {func(_ *testing.T, s *site) { s.fail = "restart " + web }, "boot: start the services: ", []string{web, environment}},
		"host fails":       {func(_ *testing.T, s *site) { s.fail = "restart " + host }, "boot: start the host: ", []string{host, web, environment}},
		"never gets ready": {func(_ *testing.T, s *site) { s.ready, s.boot.ReadyDeadline = 503, time.Millisecond }, "not ready after 1ms", []string{host, web, environment}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			tc.breaks(t, s)
			require.ErrorContains(t, s.boot.Run(t.Context()), tc.reason)
			require.Equal(t, tc.stopped, s.stopped())
			statuses, results := s.signals()
			require.Equal(t, []string{"FAILURE"}, statuses)
			require.Equal(t, []string{"ABANDON"}, results)
			require.Contains(t, s.log.String(), "boot step failed")
			require.Equal(t, tc.stopped != nil, strings.Contains(s.log.String(), lastWords), "the journals are gone with the instance")
			if name != "no environment" { // then nobody knows what is secret
				require.NotContains(t, s.log.String(), planted)
			}
		})
	}
}

func TestWhatIsRunOnceNeedsALockOfTheFleet(t *testing.T) {
	s := newSite(t)
	s.boot.Locks, s.fail = nil, "site check"
	require.ErrorContains(t, s.boot.Run(t.Context()), "once install: the configuration has no Valkey")
	require.Equal(t, []string{contract.EnvironmentUnit}, s.stopped())
}
