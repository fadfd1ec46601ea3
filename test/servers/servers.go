package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Redis is a Redis server without persistence, as Valkey is on AWS.
type Redis struct {
	Port    int
	t       testing.TB
	process *Process
}

// StartRedis starts one.
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	r := &Redis{t: t, Port: FreePort(t)}
	r.Start()
	return r
}

// Start starts it, empty, on the same port as before.
func (r *Redis) Start() {
	r.t.Helper()
	r.process = Start(r.t, nil, Program(r.t, "redis-server", "apt-get install redis-server"),
		"--port", fmt.Sprint(r.Port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	Await(r.t, "the Redis server listens", func() bool { return Listens(r.Port) })
}

// Kill ends it with SIGKILL; what it held is gone.
func (r *Redis) Kill() { r.process.KillMachine() }

// StartAWS runs the AWS emulator and returns its address.
func StartAWS(t testing.TB) string {
	t.Helper()
	port := FreePort(t)
	Start(t, os.Environ(), Program(t, "moto_server", "python3 -m pip install -r test/system/requirements.txt"), "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	url := fmt.Sprintf("http://localhost:%d", port)
	Await(t, "the AWS emulator answers", func() bool { return Answers(url + "/moto-api/data.json") })
	return url
}

// Balancer is a load balancer that asks its targets how they are.
type Balancer struct {
	Port     int
	Targets  []int         // ports
	Interval time.Duration // between two health checks of a target
}

// Start runs HAProxy. As the load balancer on AWS it tries no request twice, takes a target out after two checks that failed, and
// lets requests that it has begun finish there.
func (b Balancer) Start(t testing.TB) {
	t.Helper()
	text := fmt.Sprintf(`defaults
  mode http
  balance roundrobin
  retries 0
  timeout connect 2s
  timeout client 75s
  timeout server 75s
  timeout check 4s
  default-server check inter %d fall 2 rise 1
listen fleet
  bind %s
  option httpchk GET /api/health
`, b.Interval.Milliseconds(), Loopback(b.Port))
	for i, p := range b.Targets {
		text += fmt.Sprintf("  server target%d %s\n", i, Loopback(p))
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	Start(t, nil, Program(t, "haproxy", "apt-get install haproxy"), "-f", file, "-db")
}
