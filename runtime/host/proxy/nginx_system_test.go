//go:build system

package proxy

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkBesideNginx asks the same upstream in turn straight, through the proxy and through nginx as it is usually set
// up for that, each request by one client on a kept connection, and reports the times and their ratios to straight.
//
//	go test -tags system -run '^$' -bench Nginx ./runtime/host/proxy
func BenchmarkBesideNginx(b *testing.B) {
	if _, err := exec.LookPath("nginx"); err != nil {
		b.Skip("nginx is not installed: apt-get install nginx-light")
	}
	for _, bytes := range []int{1 << 10, 1 << 20} {
		body := make([]byte, bytes)
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		}))
		b.Cleanup(upstream.Close)
		front := httptest.NewServer(New(Options{Upstream: parse(b, upstream.URL), Log: quiet()}))
		b.Cleanup(front.Close)
		nginx := startNginx(b, parse(b, upstream.URL).Host)
		b.Run(fmt.Sprintf("bytes=%d", bytes), func(b *testing.B) {
			var straight, through, peer time.Duration
			for b.Loop() {
				straight += oneRequest(b, upstream.URL)
				through += oneRequest(b, front.URL)
				peer += oneRequest(b, nginx)
			}
			for name, spent := range map[string]time.Duration{"straight": straight, "through": through, "nginx": peer} {
				b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs-"+name)
			}
			b.ReportMetric(float64(through)/float64(straight), "ratio-through")
			b.ReportMetric(float64(peer)/float64(straight), "ratio-nginx")
			b.ReportMetric(float64(through)/float64(peer), "through/nginx")
		})
	}
}

// startNginx starts one that passes everything to upstream, and returns its address.
func startNginx(b *testing.B, upstream string) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := l.Addr().String()
	require.NoError(b, l.Close())
	dir := b.TempDir()
	path := filepath.Join(dir, "nginx.conf")
	require.NoError(b, os.WriteFile(path, fmt.Appendf(nil, `
daemon off;
worker_processes auto;
pid %[1]s/pid;
error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	keepalive_requests 10000000;
	upstream app { server %[2]s; keepalive 64; keepalive_requests 10000000; }
	server {
		listen %[3]s;
		location / {
			proxy_pass http://app;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}
}
`, dir, upstream, address), 0o600))
	cmd := exec.Command("nginx", "-e", filepath.Join(dir, "error.log"), "-c", path)
	cmd.Stderr = os.Stderr
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended by itself
		_ = cmd.Wait()
	})
	require.Eventually(b, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	return "http://" + address
}
