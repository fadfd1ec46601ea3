package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/facts"
)

// site is a workload that is not ours, and what boot would have put beside it.
type site struct {
	*world
	app         *httptest.Server
	broken      atomic.Bool
	recipe      contract.Recipe
	environment string
}

const siteWell = `{"status":"ok","database":"connected","storage":"accessible","cache":"connected","workload":"answering"}`

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{world: newWorld(t), environment: t.TempDir()}
	s.app = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.broken.Load():
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/slow":
			time.Sleep(time.Second)
		}
		fmt.Fprintf(w, "%s %s for %s by %s", r.Method, r.RequestURI, r.Header.Get("X-Real-Ip"), r.Header.Get("X-Forwarded-Proto"))
	}))
	t.Cleanup(s.app.Close)
	s.conf.Workload, s.conf.ObjectStore, s.conf.Queue, s.conf.Signing = "gitapp", contract.ObjectStore{}, contract.Queue{}, contract.Signing{}
	s.conf.Proxies = 2
	s.conf.Files = contract.Files{FileSystemID: "fs-1", AccessPointID: "fsap-1", MountPath: t.TempDir()}
	s.conf.Recipe = contract.RecipeSource{Bucket: "assets", Key: "recipe.json", SHA256: strings.Repeat("0", 64)}
	s.recipe = contract.Recipe{Distributions: map[string]contract.Distribution{"debian-13": {}}, CheckPath: "/check", DrainSeconds: 20}
	return s
}

func (s *site) host(t *testing.T, args ...string) *process {
	t.Helper()
	text, err := s.recipe.JSON()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "recipe.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return s.start(t, append([]string{
		"host", "--config", s.configFile(t), "--recipe", path, "--upstream", strings.TrimPrefix(s.app.URL, "http://"),
		"--environment-dir", s.environment, "--code-dir", t.TempDir(), "--drain-delay", "2s",
	}, args...)...)
}

func TestAHostFromStartToStop(t *testing.T) {
	s := newSite(t)
	metrics := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	p := s.host(t, "--metrics-listen", metrics)
	s.await(t, 200, siteWell)

	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d//users/ada@example.org?token=planted-query", s.port), nil)
	require.NoError(t, err)
	req.Header.Set("X-Forwarded-For", "6.6.6.6, 203.0.113.7, 130.176.0.1")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, "GET //users/ada@example.org?token=planted-query for 203.0.113.7 by https", string(text))
	require.NotEmpty(t, resp.Header.Get("X-Request-Id"))

	resp, err = http.Get("http://" + metrics + "/metrics")
	require.NoError(t, err)
	text, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	require.Contains(t, string(text), `lectern_http_requests_total{method="GET",route="proxied",status="200"} 1`, "health checks are not counted")
	require.NotContains(t, string(text), "ada@")

	s.db.Stop()
	s.broken.Store(true)
	s.await(t, 200, `{"status":"degraded","database":"unreachable","storage":"accessible","cache":"connected","workload":"unreachable"}`)
	s.db.Start()
	s.broken.Store(false)
	s.await(t, 200, siteWell)

	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	s.await(t, 503, strings.Replace(siteWell, "ok", "draining", 1))
	status, _ := s.ask("/slow")
	require.Equal(t, http.StatusOK, status, "requests are still taken")
	slow := make(chan int, 1)
	time.Sleep(700 * time.Millisecond)
	go func() { status, _ := s.ask("/slow"); slow <- status }() // goes on when the listener has closed
	require.Equal(t, http.StatusOK, <-slow)
	require.NoError(t, p.Wait(), "exit code of a clean stop")
	require.Empty(t, s.aws.Calls("CompleteLifecycleAction"), "a restart is no termination")

	for _, planted := range []string{s.db.Password, cacheToken, "planted-query", "ada@"} {
		require.NotContains(t, p.log(), planted)
	}
	require.Contains(t, p.log(), `"route":"proxied"`)
}

func TestAHostWhoseWorkloadDiedIsReplaced(t *testing.T) {
	s := newSite(t)
	s.host(t, "--metrics-listen", "")
	s.await(t, 200, siteWell)
	s.app.CloseClientConnections()
	s.app.Listener.Close()
	s.await(t, 503, `{"status":"failing","database":"connected","storage":"accessible","cache":"connected","workload":"unreachable"}`)
	status, page := s.ask("/")
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, page, "Bad Gateway")
}

func TestAHostLeavesWhenItsGroupSaysSo(t *testing.T) {
	s := newSite(t)
	p := s.host(t, "--metrics-listen", "")
	s.await(t, 200, siteWell)
	s.aws.SetMetadata("autoscaling/target-lifecycle-state", "Terminated")
	s.await(t, 503, strings.Replace(siteWell, "ok", "draining", 1))
	status, _ := s.ask("/")
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, s.aws.Calls("CompleteLifecycleAction"))
	require.Eventually(t, func() bool { return len(s.aws.Calls("CompleteLifecycleAction")) == 1 }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, contract.TerminateHook, s.aws.Calls("CompleteLifecycleAction")[0].Params["LifecycleHookName"])
	status, _ = s.ask("/")
	require.Zero(t, status, "it takes nothing any more")
	require.NoError(t, p.Process.Signal(syscall.Signal(0)), "and stays, so that nobody starts it again")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
}

func TestJobsRunAndAreWaitedFor(t *testing.T) {
	s := newSite(t)
	system, err := facts.System("")
	require.NoError(t, err)
	dir := t.TempDir()
	s.recipe.Distributions = map[string]contract.Distribution{system: {Vars: map[string]string{"greeting": "hello"}}}
	s.recipe.Jobs = []contract.Job{{
		Name: "long", Schedule: "* * * * * *", LimitSeconds: 60,
		Run: `echo {{.Vars.greeting}} "$WHO" {{.Client}} "$PWD" >>out; echo $LECTERN_SLOT >>begun; sleep 4; echo $LECTERN_SLOT >>done`,
	}}
	require.NoError(t, os.WriteFile(filepath.Join(s.environment, filepath.Base(contract.EnvironmentJSON)), []byte(`{"WHO":"planted-secret"}`), 0o600))
	p := s.host(t, "--metrics-listen", "", "--code-dir", dir, "--drain-delay", "500ms")
	lines := func(name string) []string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil
		}
		return strings.Fields(string(text))
	}
	require.Eventually(t, func() bool { return len(lines("begun")) == 1 }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, []string{"hello", "planted-secret", "demo", dir}, lines("out"))
	require.Empty(t, lines("done"))
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
	require.Equal(t, lines("begun"), lines("done"), "it ended before the host did, and no other began")
	require.Len(t, lines("done"), 1)
	require.NotContains(t, p.log(), "planted-secret")
}

func TestARotatedPasswordReachesTheWorkload(t *testing.T) {
	s := newSite(t)
	p := s.host(t, "--metrics-listen", "")
	s.await(t, 200, siteWell)
	refresh := filepath.Join(s.environment, filepath.Base(contract.RefreshFile))
	require.NoFileExists(t, refresh)
	s.db.SetPassword("planted-second-password")
	s.putDatabaseSecret("planted-second-password")
	changed := time.Now()
	require.Eventually(t, func() bool {
		s.ask(contract.HealthPath) // as the load balancer does
		_, err := os.Stat(refresh)
		return err == nil
	}, 30*time.Second, 50*time.Millisecond, "connections that were open before are no reason not to notice")
	require.Less(t, time.Since(changed), 15*time.Second)
	require.NotContains(t, p.log(), "planted-second-password")
}

func TestWhatCannotBeHostedIsSaid(t *testing.T) {
	s := &site{world: &world{aws: awstest.Start(t)}}
	s.conf = contract.Config{
		Client: "demo", Workload: "gitapp", Role: contract.RoleWeb, Region: awstest.Region, Port: 8080,
		Database: contract.Database{Engine: contract.EngineMariaDB, Host: "localhost", Port: "3306", Name: "app", TLSMode: contract.TLSDisable},
		Recipe:   contract.RecipeSource{Bucket: "assets", Key: "recipe.json", SHA256: strings.Repeat("0", 64)},
	}
	good := contract.Recipe{Distributions: map[string]contract.Distribution{"debian-13": {}}, CheckPath: "/", DrainSeconds: 1}
	for name, tc := range map[string]struct {
		change func(*contract.Recipe)
		args   []string
		want   string
	}{
		"no recipe":  {nil, []string{"--recipe", "/does/not/exist"}, "read the recipe"},
		"bad recipe": {func(r *contract.Recipe) { r.CheckPath = "check" }, nil, "checkPath"},
		"jobs, no locks": {func(r *contract.Recipe) {
			r.Jobs = []contract.Job{{Name: "cron", Schedule: "* * * * *", Run: "true", LimitSeconds: 1}}
		}, nil, "locks: is missing"},
		"bad upstream": {func(*contract.Recipe) {}, []string{"--upstream", "127.0.0.1/x"}, "use HOST:PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"host", "--config", s.configFile(t), "--metrics-listen", "", "--listen", "127.0.0.1:0"}
			if tc.change != nil {
				r := good
				tc.change(&r)
				text, err := r.JSON()
				require.NoError(t, err)
				path := filepath.Join(t.TempDir(), "recipe.json")
				require.NoError(t, os.WriteFile(path, text, 0o600))
				args = append(args, "--recipe", path)
			}
			p := s.start(t, append(args, tc.args...)...)
			require.Error(t, p.Wait())
			require.Contains(t, p.log(), tc.want)
		})
	}
}
