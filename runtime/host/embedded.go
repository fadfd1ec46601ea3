package host

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"
)

// embeddedValues is how many values one metric may have in one line.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const embeddedValues = 100

// EmbeddedNamespace is the CloudWatch namespace of the metrics.
const EmbeddedNamespace = "Lectern"

// embeddedGauges are the gauges that CloudWatch gets too, with their names and units there.
var embeddedGauges = []struct{ name, as, unit string }{
	{"lectern_queue_oldest_age_seconds", "QueueOldestAge", "Seconds"},
	{"lectern_queue_waiting", "QueueWaiting", "Count"},
	{"lectern_db_pool_acquired", "DatabaseConnectionsInUse", "Count"},
	{"lectern_db_pool_max", "DatabaseConnectionsLimit", "Count"},
	{"lectern_db_replica_lag_seconds", "ReplicaLag", "Seconds"},
}

// WriteEmbedded writes a line in CloudWatch's embedded metric format to out every interval until ctx is done, and a last
// one then. Whoever ships out to CloudWatch Logs makes metrics of it: Requests, Errors (5xx), Latency (milliseconds, as
// values, so that CloudWatch computes percentiles over all instances), Commits, FailedJobs and the gauges above.
// who describes the instance. Dimensions are its "client" and "role"; the rest are properties, since metrics by instance cost by instance.
func (m *Metrics) WriteEmbedded(ctx context.Context, out io.Writer, interval time.Duration, who map[string]string, log *slog.Logger) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		var done bool
		select {
		case <-ctx.Done():
			done = true
		case <-tick.C:
		}
		line, err := m.embedded(time.Now(), who)
		if err == nil {
			_, err = out.Write(append(line, '\n'))
		}
		if err != nil {
			log.Warn("metrics were not written", "reason", err)
		}
		if done {
			return
		}
	}
}

type embeddedMetric struct {
	Name string `json:"Name"`
	Unit string `json:"Unit"`
}

func (m *Metrics) embedded(now time.Time, who map[string]string) ([]byte, error) {
	m.mu.Lock()
	w := m.window
	m.window = window{}
	m.mu.Unlock()

	metrics := []embeddedMetric{{"Requests", "Count"}, {"Errors", "Count"}, {"Commits", "Count"}, {"FailedJobs", "Count"}}
	line := map[string]any{
		"msg": "metrics", "time": now,
		"Requests": w.requests, "Errors": w.failures, "Commits": w.commits, "FailedJobs": w.failedJobs,
	}
	for name, value := range who {
		line[name] = value
	}
	if len(w.latencies) > 0 {
		metrics = append(metrics, embeddedMetric{"Latency", "Milliseconds"})
		line["Latency"] = w.latencies
	}
	gauges, err := m.gauges()
	if err != nil {
		return nil, err
	}
	for _, g := range embeddedGauges {
		if value, ok := gauges[g.name]; ok && value >= 0 {
			metrics = append(metrics, embeddedMetric{g.as, g.unit})
			line[g.as] = value
		}
	}
	line["_aws"] = map[string]any{
		"Timestamp": now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": EmbeddedNamespace, "Dimensions": [][]string{{"client", "role"}}, "Metrics": metrics,
		}},
	}
	return json.Marshal(line)
}

// gauges are the present values of all gauges without labels.
func (m *Metrics) gauges() (map[string]float64, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for _, f := range families {
		if g := f.GetMetric(); len(g) == 1 && g[0].GetGauge() != nil {
			values[f.GetName()] = g[0].GetGauge().GetValue()
		}
	}
	return values, nil
}
