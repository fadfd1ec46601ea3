//go:build system

package fleet_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

// engines are instances of the engine behind a load balancer.
type engines struct {
	t     *testing.T
	bases map[string]string // by name
	api   *learner.API      // of a tenant, by the balancer

	mu   sync.Mutex
	last map[string]int64 // sequence of the last commit that was acknowledged, by registration
}

// startEngines starts so many, with a database by the name at.
func startEngines(t *testing.T, db *pgtest.Server, at *endpoint, size int) *engines {
	t.Helper()
	e := &engines{t: t, bases: map[string]string{}, last: map[string]int64{}}
	aws := servers.StartAWS(t)
	binary, dir := servers.BuildRuntime(t), t.TempDir()
	c := servers.ProvisionEngine(t, aws, db)
	c.Database.Host, c.Database.Port = at.host, at.port
	c.Cache = contract.Cache{Engine: contract.CacheValkey, Host: "127.0.0.1", Port: strconv.Itoa(servers.StartRedis(t).Port)}
	balancer := servers.Balancer{Port: servers.FreePort(t), Interval: 500 * time.Millisecond}
	c.PublicURL, c.PlayerURL = "http://"+servers.Loopback(balancer.Port), servers.Players(balancer.Port)
	env, _ := servers.RecordEngine(t, aws, c)
	file := ""
	for i := range size {
		c.Port = servers.FreePort(t)
		document, err := c.JSON()
		require.NoError(t, err)
		file = filepath.Join(dir, fmt.Sprintf("engine-%d.json", i))
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
		servers.Start(t, env, binary, "serve", "--config", file, "--metrics-listen", "", "--log-level", "warn")
		e.bases[fmt.Sprintf("engine %d", i+1)] = "http://" + servers.Loopback(c.Port)
		balancer.Targets = append(balancer.Targets, c.Port)
	}
	for name, base := range e.bases {
		servers.Await(t, name+" is healthy", func() bool { return servers.Answers(base + contract.HealthPath) })
	}
	balancer.Start(t)
	servers.Await(t, "the balancer sends requests on", func() bool { return servers.Answers(c.PublicURL + contract.HealthPath) })
	operator := func(args ...string) string {
		cmd := exec.Command(binary, append(args, "--config", file)...)
		cmd.Env, cmd.Stderr = env, os.Stderr
		text, err := cmd.Output()
		require.NoError(t, err, "%s", text)
		return strings.TrimSpace(string(text))
	}
	operator("tenant", "add", "acme", "--name", "Acme")
	e.api = &learner.API{
		Base: c.PublicURL, Key: operator("key", "add", "acme", "--name", "tests", "--scope", "read,write"),
		HTTP: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	return e
}

func (e *engines) note(registration string, sequence int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last[registration] = sequence
}

// compare what was acknowledged with what there is.
func (e *engines) compare() {
	e.t.Helper()
	ctx := context.Background()
	require.Len(e.t, e.last, failoverLearners)
	for registration, sequence := range e.last {
		var attempts struct {
			Items []struct{ ID string }
		}
		require.NoError(e.t, e.api.Call(ctx, http.MethodGet, "/api/v1/registrations/"+registration+"/attempts", nil, &attempts))
		require.Len(e.t, attempts.Items, 1)
		var a struct {
			Activities []struct{ CMI map[string]string }
		}
		require.NoError(e.t, e.api.Call(ctx, http.MethodGet, "/api/v1/attempts/"+attempts.Items[0].ID, nil, &a))
		require.Len(e.t, a.Activities, 1)
		require.Equal(e.t, strconv.FormatInt(sequence, 10), a.Activities[0].CMI["cmi.core.lesson_location"], "the last acknowledged commit is the state")
	}
}
