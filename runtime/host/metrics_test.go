package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host"
)

func TestPrometheusReadsTheMetrics(t *testing.T) {
	m := host.NewMetrics()
	m.ObserveRequest("GET /api/v1/courses/{id}", "GET", 200, 0.02)
	m.ObserveCommit("applied")
	m.ObserveJob("import", false, 3)
	m.ObserveLostJob("cron")
	m.Gauge("lectern_queue_waiting", "Messages.", func() float64 { return 7 })
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{
		`lectern_http_requests_total{method="GET",route="GET /api/v1/courses/{id}",status="200"} 1`,
		`lectern_http_request_duration_seconds_bucket{route="GET /api/v1/courses/{id}",le="0.025"} 1`,
		`lectern_commits_total{outcome="applied"} 1`, `lectern_jobs_total{kind="import",outcome="failed"} 1`,
		`lectern_jobs_total{kind="cron",outcome="lost"} 1`,
		"lectern_queue_waiting 7", "go_goroutines",
	} {
		require.Contains(t, w.Body.String(), want)
	}
}

func TestCloudWatchReadsTheMetrics(t *testing.T) {
	m, who := host.NewMetrics(), map[string]string{"client": "demo", "role": "web", "instance": "i-1"}
	m.Gauge("lectern_queue_waiting", "Messages.", func() float64 { return 7 })
	m.Gauge("lectern_queue_oldest_age_seconds", "Unknown.", func() float64 { return -1 })
	for i := range 1000 {
		m.ObserveRequest("POST /api/v1/commits", "POST", 200+300*(i%2), 0.01)
	}
	var out bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // one last line
	m.WriteEmbedded(ctx, &out, time.Hour, who, slog.New(slog.NewTextHandler(io.Discard, nil)))
	var line struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
		Client, Role                   string
		Requests, Errors, QueueWaiting int
		Latency                        []float64
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, 1000, line.Requests)
	require.Equal(t, 500, line.Errors)
	require.Equal(t, 7, line.QueueWaiting)
	require.Len(t, line.Latency, 100, "no more values are allowed in one metric")
	require.InDelta(t, 10, line.Latency[99], 0.001)
	require.NotZero(t, line.AWS.Timestamp)
	directive := line.AWS.CloudWatchMetrics[0]
	require.Equal(t, "Lectern", directive.Namespace)
	require.Equal(t, [][]string{{"client", "role"}}, directive.Dimensions)
	require.NotContains(t, out.String(), "QueueOldestAge", "what is not known is not told")

	out.Reset()
	m.WriteEmbedded(ctx, &out, time.Hour, who, slog.New(slog.DiscardHandler))
	require.Contains(t, out.String(), `"Requests":0`, "each line tells of its own interval")
}
