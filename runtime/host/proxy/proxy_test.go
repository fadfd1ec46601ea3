package proxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

type observed struct {
	method string
	status int
}

// front is a proxy behind a server with the limits that the runtime's has, but shorter.
type front struct {
	url string
	mu  sync.Mutex
	all []observed
}

func (f *front) seen() []observed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

const (
	testID    = "request-1"
	wholeTime = 200 * time.Millisecond // of the server, for requests that the proxy does not guard
)

func serve(t testing.TB, o Options) *front {
	t.Helper()
	f := &front{}
	o.RequestID = func(context.Context) string { return testID }
	o.Observe = func(method string, status int, seconds float64) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all = append(f.all, observed{method, status})
	}
	if o.Log == nil {
		o.Log = quiet()
	}
	s := httptest.NewUnstartedServer(New(o))
	s.Config.ReadTimeout, s.Config.WriteTimeout = wholeTime, wholeTime
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn)
	s.Start()
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

func request(t testing.TB, method, url string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	return r
}

func do(t testing.TB, r *http.Request) (int, string, http.Header) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text), resp.Header
}

func TestEventsArriveWhenTheyAreSentAndForLongerThanTheServersLimits(t *testing.T) {
	next := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := range 4 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			_ = http.NewResponseController(w).Flush()
			<-next
		}
	}))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL)})
	resp, err := http.DefaultClient.Do(request(t, http.MethodGet, f.url, nil))
	require.NoError(t, err)
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for i := range 4 {
		require.True(t, lines.Scan())
		require.Equal(t, fmt.Sprintf("data: %d", i), lines.Text())
		require.True(t, lines.Scan())
		time.Sleep(wholeTime / 2)
		next <- struct{}{}
	}
	require.False(t, lines.Scan())
	require.NoError(t, lines.Err(), "a whole body, with its end")
	require.Equal(t, []observed{{"GET", 200}}, f.seen())
}

func TestASlowAnswerIsNotAClientThatHasGone(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(2 * wholeTime):
			_, _ = io.WriteString(w, "done")
		case <-r.Context().Done():
		}
	}))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL)})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader("form")
		}
		status, text, _ := do(t, request(t, method, f.url, body))
		require.Equal(t, "200 done", fmt.Sprint(status, " ", text), method)
	}
}

// TestUploadsFlow sends more than anybody would keep in memory, in two halves: the second is sent when the workload has
// the first.
func TestUploadsFlow(t *testing.T) {
	const half = 64 << 20
	arrived := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.CopyN(io.Discard, r.Body, half)
		close(arrived)
		rest, last := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, n+rest, err, last)
	}))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL)})
	read, write := io.Pipe()
	go func() {
		_, _ = write.Write(make([]byte, half))
		<-arrived
		time.Sleep(2 * wholeTime) // longer than the server allows a whole request
		_, _ = write.Write(make([]byte, half))
		_ = write.Close()
	}()
	_, text, _ := do(t, request(t, http.MethodPost, f.url, read))
	require.Equal(t, fmt.Sprint(2*half, "<nil>", "<nil>"), strings.ReplaceAll(text, " ", ""))
}

func TestAnUploadThatStallsEnds(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL), Stall: 100 * time.Millisecond})
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
}

func TestAnUpgradedConnectionFlowsBothWays(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil || r.Header.Get("Upgrade") != "echo" {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.Copy(conn, rw)
	}))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL)})
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil) //nolint:bodyclose // what follows is no body
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	for i := range 3 {
		time.Sleep(wholeTime / 2)
		said := fmt.Sprintf("message %d\n", i)
		_, err = io.WriteString(conn, said)
		require.NoError(t, err)
		heard, err := r.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, said, heard)
	}
	require.Equal(t, []observed{{"GET", 101}}, f.seen())
}

// closedPort is where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

func TestAWorkloadThatIsAwayIsABadGateway(t *testing.T) {
	var log bytes.Buffer
	f := serve(t, Options{Upstream: parse(t, "http://"+closedPort(t)), Log: slog.New(slog.NewJSONHandler(&log, nil))})
	status, text, header := do(t, request(t, http.MethodGet, f.url+"/users/ada@example.org?token=s3cret", nil))
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, text, "Bad Gateway")
	require.Contains(t, text, testID)
	require.Equal(t, "no-store", header.Get("Cache-Control"))
	require.Equal(t, []observed{{"GET", 502}}, f.seen())
	require.Contains(t, log.String(), "connection refused")
	require.NotContains(t, log.String()+text, "ada@", "who asked for what is nobody's business")
	require.NotContains(t, log.String()+text, "s3cret")
}

func TestAWorkloadThatIsTooSlowIsATimeout(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL), Timeout: 50 * time.Millisecond})
	status, text, _ := do(t, request(t, http.MethodGet, f.url, nil))
	require.Equal(t, http.StatusGatewayTimeout, status)
	require.Contains(t, text, testID)
}

func TestAClientThatDoesNotWaitIsNoFailureOfOurs(t *testing.T) {
	inside := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { close(inside); <-r.Context().Done() }))
	defer upstream.Close()
	f := serve(t, Options{Upstream: parse(t, upstream.URL)})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-inside; cancel() }()
	_, err := http.DefaultClient.Do(request(t, http.MethodGet, f.url, nil).WithContext(ctx)) //nolint:bodyclose // there is none
	require.Error(t, err)
	require.Eventually(t, func() bool { return len(f.seen()) == 1 }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, []observed{{"GET", statusGone}}, f.seen())
}

func TestARestartedWorkloadIsAskedAgain(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} { // a refused connection took nothing, whatever it was
		address := closedPort(t)
		f := serve(t, Options{Upstream: parse(t, "http://"+address)})
		time.AfterFunc(refusedPause/3, func() {
			l, err := net.Listen("tcp", address)
			if err != nil {
				return // the test fails by what it gets
			}
			s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })}
			t.Cleanup(func() { _ = s.Close() }) // nobody else has
			_ = s.Serve(l)
		})
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader("form")
		}
		status, text, _ := do(t, request(t, method, f.url, body))
		require.Equal(t, http.StatusOK, status, method)
		require.Equal(t, map[string]string{"GET": "", "POST": "form"}[method], text)
		require.Len(t, f.seen(), 1, "one request, one observation")
	}
}

// breaking answers the first request and breaks the next ones n times: what arrives is counted.
// fresh: the first answer ends its connection.
func breaking(t *testing.T, n int64, fresh bool) (url string, arrived *atomic.Int64) {
	t.Helper()
	arrived = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if fresh {
			w.Header().Set("Connection", "close")
		}
		if i := arrived.Add(1); i > 1 && i <= 1+n {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, arrived
}

func TestWhatMayBeAskedTwiceIs(t *testing.T) {
	for name, tc := range map[string]struct {
		method  string
		body    string
		fresh   bool // the connection that breaks is no kept one
		breaks  int64
		status  int
		arrived int64
	}{
		"GET, kept":       {http.MethodGet, "", false, 1, 200, 3},
		"GET, fresh":      {http.MethodGet, "", true, 1, 200, 3},
		"HEAD":            {http.MethodHead, "", true, 1, 200, 3},
		"OPTIONS":         {http.MethodOptions, "", true, 1, 200, 3},
		"GET, broken":     {http.MethodGet, "", true, 2, 502, 3},
		"GET with a body": {http.MethodGet, "query", true, 1, 502, 2},
		"POST":            {http.MethodPost, "form", false, 1, 502, 2},
		"empty POST":      {http.MethodPost, "", true, 1, 502, 2},
		"DELETE":          {http.MethodDelete, "", true, 1, 502, 2},
	} {
		t.Run(name, func(t *testing.T) {
			url, arrived := breaking(t, tc.breaks, tc.fresh)
			f := serve(t, Options{Upstream: parse(t, url)})
			status, _, _ := do(t, request(t, http.MethodGet, f.url, nil))
			require.Equal(t, http.StatusOK, status)
			status, _, _ = do(t, request(t, tc.method, f.url, strings.NewReader(tc.body)))
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.arrived, arrived.Load())
		})
	}
}
