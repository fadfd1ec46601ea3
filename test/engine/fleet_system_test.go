//go:build system

package engine_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// fleet is several instances of the engine and all they depend on.
type fleet struct {
	t         *testing.T
	db        *pgtest.Server
	balancer  string // address
	env       []string
	binary    string
	instances []*instance
	aws       string // address of the emulator
	redis     int    // port
	logLevel  string
	ran       []*servers.Process // all there were
}

// instance is one process of the engine. A new one takes its place when it is killed.
type instance struct {
	config  string // file
	port    int
	process *servers.Process
}

func startFleet(t *testing.T, size int, env ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, db: pgtest.Start(t), binary: servers.BuildRuntime(t), logLevel: "warn"}
	return f.run(size, env...)
}

// run starts the instances and what they depend on.
func (f *fleet) run(size int, env ...string) *fleet {
	t := f.t
	t.Helper()
	endpoint := servers.StartAWS(t)
	f.aws, f.redis = endpoint, servers.StartRedis(t).Port
	c := servers.ProvisionEngine(t, endpoint, f.db)
	front := servers.FreePort(t)
	f.balancer = fmt.Sprintf("http://127.0.0.1:%d", front)
	c.PublicURL, c.PlayerURL = f.balancer, servers.Players(front)
	c.Cache = contract.Cache{Engine: contract.CacheValkey, Host: "127.0.0.1", Port: strconv.Itoa(f.redis)}
	f.env, _ = servers.RecordEngine(t, endpoint, c)
	f.env = append(f.env, env...)
	var ports []int
	for i := range size {
		c.Port = servers.FreePort(t)
		ports = append(ports, c.Port)
		document, err := c.JSON()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), fmt.Sprintf("runtime-%d.json", i))
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
		f.instances = append(f.instances, &instance{config: file, port: c.Port})
	}
	for i := range f.instances {
		f.start(i)
	}
	servers.Balancer{Port: front, Targets: ports, Interval: 500 * time.Millisecond}.Start(t)
	for i := range f.instances {
		servers.Await(t, "the instance is healthy", func() bool { return f.healthy(i) })
	}
	servers.Await(t, "the balancer sends requests on", func() bool { return servers.Answers(f.balancer + contract.HealthPath) })
	return f
}

func (f *fleet) start(i int) {
	f.t.Helper()
	f.instances[i].process = servers.Start(f.t, f.env, f.binary, "serve", "--config", f.instances[i].config, "--metrics-listen", "", "--log-level", f.logLevel)
	f.ran = append(f.ran, f.instances[i].process)
}

// kill ends an instance as a lost machine does.
func (f *fleet) kill(i int) {
	f.instances[i].process.KillMachine()
}

func (f *fleet) healthy(i int) bool {
	return servers.Answers(fmt.Sprintf("http://127.0.0.1:%d%s", f.instances[i].port, contract.HealthPath))
}

// tenant makes a tenant and a key for it, as an operator does.
func (f *fleet) tenant(id string) *learner.API {
	f.t.Helper()
	return f.tenantWith(id, "read,write")
}

func (f *fleet) tenantWith(id, scopes string) *learner.API {
	f.t.Helper()
	f.operator("tenant", "add", id, "--name", "Tenant "+id)
	return &learner.API{Base: f.balancer, Key: f.operator("key", "add", id, "--name", "tests", "--scope", scopes), HTTP: newClient()}
}

// operator runs a command of the operator's, and returns what it says.
func (f *fleet) operator(args ...string) string {
	f.t.Helper()
	cmd := exec.Command(f.binary, append(args, "--config", f.instances[0].config)...)
	cmd.Env = f.env
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	require.NoError(f.t, err, "%s", text)
	return strings.TrimSpace(string(text))
}
