package host

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what an instance does. Prometheus reads them from Handler; WriteEmbedded writes them for CloudWatch.
// No label holds an identity: routes are patterns, kinds and outcomes are fixed words.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	commits  *prometheus.CounterVec
	jobs     *prometheus.CounterVec
	jobTime  *prometheus.HistogramVec
	imported prometheus.Counter

	mu     sync.Mutex
	window window
}

// window is what happened since the last embedded metrics.
type window struct {
	requests, failures, commits, failedJobs int
	latencies                               []float64 // milliseconds; a uniform sample of at most embeddedValues
}

// NewMetrics makes the metrics with those of Go and the process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lectern_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lectern_http_request_duration_seconds", Help: "Time to answer a request, by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10, 30},
		}, []string{"route"}),
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lectern_commits_total", Help: "Commits of learners' state, by outcome; refused ones have their status.",
		}, []string{"outcome"}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lectern_jobs_total", Help: "Background jobs finished, by kind and outcome.",
		}, []string{"kind", "outcome"}),
		jobTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lectern_job_duration_seconds", Help: "Time a background job took, by kind.",
			Buckets: []float64{.1, .5, 1, 5, 15, 60, 300, 900},
		}, []string{"kind"}),
	}
	m.imported = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "lectern_imported_bytes_total", Help: "Bytes of course files stored by imports that succeeded.",
	})
	m.registry.MustRegister(m.requests, m.seconds, m.commits, m.jobs, m.jobTime, m.imported,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// ObserveRequest counts an answered request. route is a pattern, not a path.
func (m *Metrics) ObserveRequest(route, method string, status int, seconds float64) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(seconds)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.window.requests++
	if status >= http.StatusInternalServerError {
		m.window.failures++
	}
	m.window.sample(seconds * 1000)
}

// ObserveCommit counts a commit.
func (m *Metrics) ObserveCommit(outcome string) {
	m.commits.WithLabelValues(outcome).Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.window.commits++
}

// ObserveJob counts a finished background job.
func (m *Metrics) ObserveJob(kind string, ok bool, seconds float64) {
	outcome := "done"
	if !ok {
		outcome = "failed"
	}
	m.jobs.WithLabelValues(kind, outcome).Inc()
	m.jobTime.WithLabelValues(kind).Observe(seconds)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !ok {
		m.window.failedJobs++
	}
}

// ObserveLostJob counts a job whose instance died, among the failed ones too.
func (m *Metrics) ObserveLostJob(kind string) {
	m.jobs.WithLabelValues(kind, "lost").Inc()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.window.failedJobs++
}

// ObserveImport counts what an import stored.
func (m *Metrics) ObserveImport(_ int, bytes int64) { m.imported.Add(float64(bytes)) }

// Gauge adds a value that is asked for whenever metrics are read. read is quick and asks nobody over the network.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

// Handler serves the metrics for Prometheus. It belongs on a listener that only the inside reaches.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// sample keeps a uniform sample of at most embeddedValues (reservoir sampling).
func (w *window) sample(value float64) {
	if len(w.latencies) < embeddedValues {
		w.latencies = append(w.latencies, value)
		return
	}
	if i := rand.IntN(w.requests); i < embeddedValues { //nolint:gosec // a sample, no secret
		w.latencies[i] = value
	}
}
