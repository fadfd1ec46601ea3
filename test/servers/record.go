package servers

import (
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/test/iam/record"
)

// accessKey is what the programs of tests sign with.
const accessKey = "test"

// RecordEngine stands before the emulator and records what instances of the engine with this configuration call, for
// test/iam to evaluate. It returns the environment of their programs.
func RecordEngine(t testing.TB, endpoint string, c contract.Config) ([]string, *record.Recorder) {
	t.Helper()
	names, err := record.FromConfig(c)
	require.NoError(t, err)
	name, works := "engine-"+string(c.Role), "yes"
	if c.Role == contract.RoleWeb && c.Queue.Dedicated {
		name, works = name+"-beside-workers", "no"
	}
	r := record.New(t, name, record.Who{Workload: c.Workload, Role: string(c.Role), Works: works}, names)
	target, err := url.Parse(endpoint)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // an instance that is killed breaks connections off
	server := httptest.NewServer(r.Handler(accessKey, proxy))
	t.Cleanup(server.Close)
	// The word localhost makes clients address buckets by path.
	return Env(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)), r
}
