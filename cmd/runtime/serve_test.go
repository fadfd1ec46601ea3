package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

const (
	databaseSecret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:database"
	cacheSecret    = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:cache"
	storeSecret    = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:store"
	signingSecret  = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:signing"
	cacheToken     = "planted-cache-token"
	storeKey       = "planted-store-key"
	signingKey     = "planted-signing-key-that-is-long-enough-for-one"
)

// world is everything an instance depends on.
type world struct {
	aws   *awstest.AWS
	db    *pgtest.Server
	cache *miniredis.Miniredis
	port  int
	conf  contract.Config
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{aws: awstest.Start(t), db: pgtest.Start(t), cache: miniredis.RunT(t)}
	w.cache.RequireAuth(cacheToken)
	buckets := s3mem.New()
	require.NoError(t, buckets.CreateBucket("content"))
	store := httptest.NewServer(gofakes3.New(buckets).Server())
	t.Cleanup(store.Close)
	w.putDatabaseSecret(w.db.Password)
	w.aws.SetSecret(cacheSecret, cacheToken)
	w.aws.SetSecret(storeSecret, `{"accessKeyId":"AKIA","secretAccessKey":"`+storeKey+`"}`)
	w.aws.SetSecret(signingSecret, signingKey)
	w.port = freePort(t)
	w.conf = contract.Config{
		Client: "demo", Workload: "scorm-engine", Role: contract.RoleWeb, Region: awstest.Region, Port: w.port,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: w.db.Host, Port: w.db.Port, Name: pgtest.Database, SecretARN: databaseSecret, TLSMode: contract.TLSDisable,
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3Compatible, Bucket: "content", Region: "auto", Endpoint: store.URL, SecretARN: storeSecret},
		Cache:       contract.Cache{Engine: contract.CacheValkey, Host: w.cache.Host(), Port: w.cache.Port(), SecretARN: cacheSecret},
		Queue:       contract.Queue{URL: w.aws.URL + "/111122223333/jobs"},
		PublicURL:   "https://learn.example.org",
		PlayerURL:   "https://*.play.learn.example.org",
		Signing:     contract.Signing{SecretARN: signingSecret},
	}
	return w
}

// freePort is one that nobody listens on at the moment.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (w *world) putDatabaseSecret(password string) {
	w.aws.SetSecret(databaseSecret, fmt.Sprintf(`{"username":%q,"password":%q}`, pgtest.User, password))
}

func (w *world) configFile(t *testing.T) string {
	t.Helper()
	text, err := w.conf.JSON()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "runtime.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// process is a running lectern-runtime.
type process struct {
	*exec.Cmd
	mu  sync.Mutex
	out bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (w *world) start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(binary, args...)}
	p.Stdout, p.Stderr = p, p
	p.Env = append(w.aws.Env(), "PATH=/usr/bin:/bin")
	require.NoError(t, p.Start())
	t.Cleanup(func() {
		_ = p.Process.Kill() // gone already, if the test went well
		_ = p.Wait()
		if t.Failed() {
			t.Log(p.log())
		}
	})
	return p
}

// ask returns status and body; 0 while nobody listens.
func (w *world) ask(path string) (int, string) {
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", w.port, path))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func (w *world) await(t *testing.T, status int, body string) {
	t.Helper()
	var lastStatus int
	var last string
	require.Eventually(t, func() bool {
		lastStatus, last = w.ask(contract.HealthPath)
		return lastStatus == status && last == body
	}, 30*time.Second, 100*time.Millisecond, "want %d %s", status, body)
	ready, _ := w.ask(contract.ReadyPath)
	require.Equal(t, status, ready, "the two paths agree")
	live, _ := w.ask(contract.LivePath)
	require.Equal(t, http.StatusOK, live)
}

const allWell = `{"status":"ok","database":"connected","storage":"accessible","cache":"connected","queue":"connected"}`

func TestAnInstanceFromStartToStop(t *testing.T) {
	w := newWorld(t)
	first := w.db.Password
	w.db.Stop()
	p := w.start(t, "serve", "--config", w.configFile(t), "--metrics-listen", "", "--drain-delay", "2s", "--log-level", "debug")
	w.await(t, 503, `{"status":"starting","database":"unreachable","storage":"accessible","cache":"connected","queue":"connected"}`)
	begun := time.Now()
	status, text := w.ask("/api/v1/me")
	require.Equal(t, 503, status)
	require.Contains(t, text, "is starting")
	require.Less(t, time.Since(begun), 5*time.Second)
	w.db.Start()
	w.await(t, 200, allWell)
	status, _ = w.ask("/api/v1/me")
	require.Equal(t, 401, status)

	w.db.Stop()
	w.await(t, 200, `{"status":"degraded","database":"unreachable","storage":"accessible","cache":"connected","queue":"connected"}`)
	w.db.Start()
	w.await(t, 200, allWell)

	w.cache.SetError("LOADING")
	w.await(t, 200, `{"status":"degraded","database":"connected","storage":"accessible","cache":"unreachable","queue":"connected"}`)
	w.cache.SetError("")
	w.await(t, 200, allWell)

	w.db.SetPassword("planted-second-password")
	w.putDatabaseSecret("planted-second-password")
	w.db.Stop()
	w.db.Start()
	w.await(t, 200, allWell)

	health := exec.Command(binary, "health", "--port", strconv.Itoa(w.port))
	said, err := health.Output()
	require.NoError(t, err)
	require.Equal(t, allWell+"\n", string(said))

	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	w.await(t, 503, strings.Replace(allWell, "ok", "draining", 1))
	require.Error(t, exec.Command(binary, "health", "--port", strconv.Itoa(w.port)).Run(), "exit code of health")
	require.NoError(t, p.Wait(), "exit code of a clean stop")

	for _, planted := range []string{first, "planted-second-password", cacheToken, storeKey, signingKey} {
		require.NotContains(t, p.log(), planted)
	}
	for line := range strings.Lines(p.log()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry), "%s", line)
		require.Equal(t, "demo", entry["client"])
		require.Equal(t, "web", entry["role"])
		require.Equal(t, awstest.InstanceID, entry["instance"])
		require.Len(t, entry["version"], 12)
	}
	require.Contains(t, p.log(), `"msg":"stopped"`)
}

// TestAPlayersHostHasNothingOfTheService, not even its health: it is courses that ask there.
func TestAPlayersHostHasNothingOfTheService(t *testing.T) {
	w := newWorld(t)
	p := w.start(t, "serve", "--config", w.configFile(t), "--metrics-listen", "", "--drain-delay", "0s")
	w.await(t, 200, allWell)
	for path, want := range map[string][2]int{
		"/console/": {200, 404}, "/api/v1/me": {401, 404}, contract.HealthPath: {200, 404}, contract.LivePath: {200, 404}, "/player": {404, 200}, "/launch/x": {404, 200},
	} {
		for i, host := range []string{"learn.example.org", "x.play.learn.example.org"} {
			r, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", w.port, path), nil)
			require.NoError(t, err)
			r.Host = host
			answer, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			answer.Body.Close()
			require.Equal(t, want[i], answer.StatusCode, "%s at %s", path, host)
		}
	}
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
}

// TestAnEngineThatServesNeedsPlayers of which the console is none.
func TestAnEngineThatServesNeedsPlayers(t *testing.T) {
	w := newWorld(t)
	for playerURL, says := range map[string]string{"": "playerUrl: is missing", "https://*.example.org": "playerUrl: \\\"https://*.example.org\\\" is also where publicUrl is"} {
		w.conf.PlayerURL = playerURL
		p := w.start(t, "serve", "--config", w.configFile(t), "--metrics-listen", "")
		require.Error(t, p.Wait())
		require.Contains(t, p.log(), says)
	}
}

// TestWithoutNamesThereIsOneTenant, also if an operator asks for another.
func TestWithoutNamesThereIsOneTenant(t *testing.T) {
	w := newWorld(t)
	add := func(id string) (string, error) {
		cmd := exec.Command(binary, "tenant", "add", id, "--config", w.configFile(t))
		cmd.Env = w.aws.Env()
		text, err := cmd.CombinedOutput()
		return string(text), err
	}
	w.conf.PlayerURL = "https://d111.cloudfront.net"
	text, err := add("acme")
	require.NoError(t, err, text)
	for _, id := range []string{"rival", "acme"} {
		text, err = add(id)
		require.Error(t, err)
		require.Contains(t, text, `there is the tenant "acme" already, and there can be no other`)
		require.Contains(t, text, "playerUrl")
	}
	w.conf.PlayerURL = "https://*.play.learn.example.org"
	text, err = add("rival")
	require.NoError(t, err, text)
}

// TestAnEngineThatIsLeavingTakesNothing though systemd started it anew in the middle.
func TestAnEngineThatIsLeavingTakesNothing(t *testing.T) {
	w := newWorld(t)
	w.aws.SetMetadata("autoscaling/target-lifecycle-state", "Terminated")
	p := w.start(t, "serve", "--config", w.configFile(t), "--metrics-listen", "", "--drain-delay", "0s")
	require.Eventually(t, func() bool { return len(w.aws.Calls("CompleteLifecycleAction")) == 1 }, 20*time.Second, 20*time.Millisecond)
	status, _ := w.ask("/")
	require.Zero(t, status)
	require.NotContains(t, p.log(), "ready: every part has answered")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.NoError(t, p.Wait())
}

func TestASecondSignalStopsAtOnce(t *testing.T) {
	w := newWorld(t)
	text, err := w.conf.JSON()
	require.NoError(t, err)
	w.aws.SetParameter("/lectern/demo/web", text)
	p := w.start(t, "serve", "--config-parameter", "/lectern/demo/web", "--metrics-listen", "", "--drain-delay", "1h")
	w.await(t, 200, allWell)
	require.NoError(t, p.Process.Signal(os.Interrupt))
	w.await(t, 503, strings.Replace(allWell, "ok", "draining", 1))
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.Error(t, p.Wait())
	require.Equal(t, syscall.SIGINT, p.ProcessState.Sys().(syscall.WaitStatus).Signal())
}

func TestWhatCannotBeServedIsSaid(t *testing.T) {
	w := &world{aws: awstest.Start(t), conf: contract.Config{
		Client: "demo", Workload: "moodle", Role: contract.RoleWeb, Region: awstest.Region, Port: 8080,
		Database:    contract.Database{Engine: contract.EngineMariaDB, Host: "localhost", Port: "3306", Name: "moodle", TLSMode: contract.TLSDisable},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "content", Region: awstest.Region},
	}}
	broken := filepath.Join(t.TempDir(), "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"clint":"x","port":"8080"}`), 0o600))
	for name, tc := range map[string]struct {
		args []string
		want []string
	}{
		"another engine": {[]string{"serve", "--config", w.configFile(t)}, []string{`serve needs \"postgres\"`}},
		"no players":     {[]string{"tenant", "add", "acme", "--config", w.configFile(t)}, []string{"playerUrl: is missing", "https://*.play.learn.example.com"}},
		"bad document":   {[]string{"serve", "--config", broken}, []string{"clint: unknown key", "port: found a string"}},
		"no document":    {[]string{"serve", "--config", "/does/not/exist"}, []string{"/does/not/exist: no such file"}},
		"neither":        {[]string{"serve"}, []string{"at least one of the flags in the group [config config-parameter]"}},
		"boot, no flags": {[]string{"boot"}, []string{`required flag(s) "config-parameter", "region" not set`}},
		"stack alone":    {[]string{"boot", "--config-parameter", "p", "--region", "r", "--stack", "s"}, []string{"[stack resource]"}},
		"nobody there":   {[]string{"health", "--port", "1"}, []string{"no answer"}},
		"tenant's id":    {[]string{"tenant", "add", "Acme_Academy", "--config", w.configFile(t)}, []string{`"Acme_Academy" is no tenant id`, "inner hyphens"}},
		"key's scope":    {[]string{"key", "add", "acme", "--scope", "all", "--config", w.configFile(t)}, []string{`--scope "all" is not known`, "read, write, keys"}},
		"unknown verb":   {[]string{"server"}, []string{"unknown command", "serve"}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(binary, tc.args...)
			cmd.Env = w.aws.Env()
			text, err := cmd.CombinedOutput()
			require.Error(t, err)
			for _, want := range tc.want {
				require.Contains(t, string(text), want)
			}
		})
	}
}
