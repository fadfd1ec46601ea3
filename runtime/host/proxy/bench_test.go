package proxy

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkThroughTheProxy asks the same upstream in turn straight and through the proxy, and reports both times of one
// request and their ratio: what the hop costs where the workload itself costs nothing.
func BenchmarkThroughTheProxy(b *testing.B) {
	for _, bytes := range []int{1 << 10, 1 << 20} {
		body := make([]byte, bytes)
		upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		}))
		b.Cleanup(upstream.Close)
		front := httptest.NewServer(New(Options{Upstream: parse(b, upstream.URL), Log: quiet()}))
		b.Cleanup(front.Close)
		b.Run(fmt.Sprintf("bytes=%d", bytes), func(b *testing.B) {
			b.SetBytes(int64(bytes))
			var straight, through time.Duration
			for b.Loop() {
				straight += oneRequest(b, upstream.URL)
				through += oneRequest(b, front.URL)
			}
			b.ReportMetric(float64(straight.Microseconds())/float64(b.N), "µs-straight")
			b.ReportMetric(float64(through.Microseconds())/float64(b.N), "µs-through")
			b.ReportMetric(float64(through)/float64(straight), "ratio")
		})
	}
}

// BenchmarkParallel is the same with four clients at a time, as requests per second.
func BenchmarkParallel(b *testing.B) {
	body := make([]byte, 1<<10)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	b.Cleanup(upstream.Close)
	front := httptest.NewServer(New(Options{Upstream: parse(b, upstream.URL), Log: quiet()}))
	b.Cleanup(front.Close)
	for name, url := range map[string]string{"straight": upstream.URL, "through": front.URL} {
		b.Run(name, func(b *testing.B) {
			var asked atomic.Int64
			b.SetParallelism(2)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					oneRequest(b, url)
					asked.Add(1)
				}
			})
			b.ReportMetric(float64(asked.Load())/b.Elapsed().Seconds(), "req/s")
		})
	}
}

var benchClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

func oneRequest(b *testing.B, url string) time.Duration {
	start := time.Now()
	resp, err := benchClient.Get(url)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Error(err)
	}
	return time.Since(start)
}
