//go:build system

package fleet_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/servers"
)

const (
	checkPath = "/check"
	// envInstance tells a job which host runs it.
	envInstance = "FLEET_INSTANCE"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// fleet is several hosts and what they share.
type fleet struct {
	t      *testing.T
	binary string
	dir    string
	redis  *servers.Redis
	cloud  *cloud
	config contract.Config
	recipe string // file
	flags  []string
	hosts  []*host
}

// host is one instance: `lectern-runtime host` before a workload.
type host struct {
	name     string // instance id
	fleet    *fleet
	port     int
	workload *workload
	metadata *metadata
	dir      string
	process  *servers.Process
}

// newFleet is of hosts with this database and these jobs; none is started. The flags are further ones of every host.
func newFleet(t *testing.T, db *pgtest.Server, dbHost, dbPort string, jobs []contract.Job, flags ...string) *fleet {
	t.Helper()
	system, err := facts.System("")
	require.NoError(t, err)
	recipe := contract.Recipe{Distributions: map[string]contract.Distribution{system: {}}, CheckPath: checkPath, DrainSeconds: 30, Jobs: jobs}
	text, err := recipe.JSON()
	require.NoError(t, err)
	f := &fleet{t: t, binary: servers.BuildRuntime(t), dir: t.TempDir(), redis: servers.StartRedis(t), cloud: startCloud(t, pgtest.User, db.Password), flags: flags}
	f.recipe = filepath.Join(f.dir, "recipe.json")
	require.NoError(t, os.WriteFile(f.recipe, text, 0o644))
	sum := sha256.Sum256(text)
	f.config = contract.Config{
		Client: "fleet", Workload: "app", Role: contract.RoleWeb, Region: servers.Region, Port: contract.DefaultPort, Proxies: 1,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: dbHost, Port: dbPort, Name: pgtest.Database, TLSMode: contract.TLSDisable, SecretARN: loginARN,
		},
		Locks:  contract.Cache{Engine: contract.CacheValkey, Host: "127.0.0.1", Port: strconv.Itoa(f.redis.Port)},
		Recipe: contract.RecipeSource{Bucket: "assets", Key: "recipe.json", SHA256: hex.EncodeToString(sum[:])},
	}
	return f
}

// add prepares one more host on this port; 0: a free one.
func (f *fleet) add(port int) *host {
	f.t.Helper()
	if port == 0 {
		port = servers.FreePort(f.t)
	}
	h := &host{name: fmt.Sprintf("i-%017x", len(f.hosts)+1), fleet: f, port: port, workload: startWorkload(f.t), dir: f.t.TempDir()}
	h.metadata = startMetadata(f.t, h.name)
	f.hosts = append(f.hosts, h)
	for name, text := range map[string]string{
		filepath.Base(contract.EnvironmentFile): envInstance + "=\"" + h.name + "\"\n",
		filepath.Base(contract.EnvironmentJSON): fmt.Sprintf("{%q: %q}", envInstance, h.name),
	} {
		require.NoError(f.t, os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600))
	}
	c := f.config
	c.Port = port
	document, err := c.JSON()
	require.NoError(f.t, err)
	require.NoError(f.t, os.WriteFile(h.config(), []byte(document), 0o600))
	return h
}

func (h *host) config() string { return filepath.Join(h.dir, "runtime.json") }

// start starts it, also again after it was killed.
func (h *host) start() {
	f := h.fleet
	env := []string{
		"PATH=/usr/bin:/bin", "HOME=" + h.dir, "AWS_ENDPOINT_URL=" + f.cloud.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + h.metadata.url,
		"AWS_REGION=" + servers.Region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "NO_PROXY=127.0.0.1",
	}
	args := append([]string{
		"host", "--config", h.config(), "--recipe", f.recipe, "--listen", servers.Loopback(h.port),
		"--upstream", servers.Loopback(h.workload.port), "--metrics-listen", "", "--environment-dir", h.dir, "--code-dir", h.dir,
	}, f.flags...)
	h.process = servers.Start(f.t, env, f.binary, args...)
}

func (h *host) healthy() bool { return servers.Answers(h.url() + contract.HealthPath) }

func (h *host) url() string { return "http://" + servers.Loopback(h.port) }
