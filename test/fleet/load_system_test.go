//go:build system

package fleet_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// workload is a small web service on a port of its own: it takes 50 to 300 ms for a request and says what it was sent. Path /check is quick.
type workload struct {
	port   int
	served atomic.Int64
	under  atomic.Int64 // way
}

func startWorkload(t *testing.T) *workload {
	t.Helper()
	w := &workload{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.port = l.Addr().(*net.TCPAddr).Port
	server := &http.Server{Handler: w}
	go func() { _ = server.Serve(l) }()      // until the end of the test
	t.Cleanup(func() { _ = server.Close() }) // it has ended, or will
	return w
}

// ServeHTTP implements http.Handler.
func (w *workload) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == checkPath {
		return
	}
	w.under.Add(1)
	defer w.under.Add(-1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond)
	w.served.Add(1)
	fmt.Fprintf(rw, "%s %s %s", r.Method, r.URL.Path, body)
}

// load is what clients see who ask without a pause.
type load struct {
	requests atomic.Int64
	slowest  atomic.Int64 // ns

	mu       sync.Mutex
	failures []string
}

// run keeps clients asking until stop is closed. Every second one opens a connection for each request; the others keep theirs, and send
// what must not be sent twice (POST), so that neither they nor the balancer can hide a connection that ended under a request.
func (l *load) run(base string, clients int, stop <-chan struct{}) (wait func()) {
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			transport := &http.Transport{DisableKeepAlives: i%2 == 0, MaxConnsPerHost: 1}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				l.ask(client, base, fmt.Sprintf("/client/%d/%d", i, n), n%4 != 0)
			}
		})
	}
	return all.Wait
}

func (l *load) ask(client *http.Client, base, path string, post bool) {
	method, body := http.MethodGet, ""
	if post {
		method, body = http.MethodPost, strings.Repeat("x", 100+rand.IntN(4000))
	}
	began := time.Now()
	l.requests.Add(1)
	err := func() error {
		var reader io.Reader
		if post {
			reader = io.MultiReader(strings.NewReader(body)) // which cannot be rewound: the transport sends it once
		}
		req, err := http.NewRequest(method, base+path, reader)
		if err != nil {
			return err
		}
		req.ContentLength = int64(len(body))
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			return fmt.Errorf("status %d, then %w", resp.StatusCode, err)
		}
		if want := method + " " + path + " " + body; resp.StatusCode != http.StatusOK || string(text) != want {
			return fmt.Errorf("status %d: %.200q", resp.StatusCode, text)
		}
		return nil
	}()
	took := time.Since(began)
	if int64(took) > l.slowest.Load() {
		l.slowest.Store(int64(took)) // nearly: it is for the print only
	}
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.failures = append(l.failures, fmt.Sprintf("%s after %s: %s %s: %v", began.Format("15:04:05.000"), took.Round(time.Millisecond), method, path, err))
	}
}

// failed is how many requests have failed.
func (l *load) failed() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failures[:len(l.failures):len(l.failures)]
}
