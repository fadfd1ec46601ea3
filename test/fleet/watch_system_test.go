//go:build system

package fleet_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

const (
	watchEvery = 200 * time.Millisecond
	// checkTimeout is the load balancer's: an answer that comes later is none.
	checkTimeout = 4 * time.Second
)

// watch asks instances how they are, as a load balancer does but more often.
type watch struct {
	mu      sync.Mutex
	asked   map[string]int      // by instance
	refused map[string][]string // answers that would count against the instance
	states  map[string][]string // each once, in the order they were first seen
	slowest map[string]time.Duration
}

// startWatch asks instances (name to base URL) on both paths until stop is closed.
func startWatch(instances map[string]string, stop <-chan struct{}) (w *watch, wait func()) {
	w = &watch{asked: map[string]int{}, refused: map[string][]string{}, states: map[string][]string{}, slowest: map[string]time.Duration{}}
	client := &http.Client{Timeout: checkTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	var all sync.WaitGroup
	for name, base := range instances {
		for _, path := range []string{contract.HealthPath, contract.ReadyPath} {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(watchEvery):
						w.ask(client, name, base, path)
					}
				}
			})
		}
	}
	return w, all.Wait
}

func (w *watch) ask(client *http.Client, name, base, path string) {
	began := time.Now()
	var report struct{ Status string }
	said := ""
	resp, err := client.Get(base + path)
	if err == nil {
		_ = json.NewDecoder(resp.Body).Decode(&report) // a page that is no JSON has no state
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			said = fmt.Sprintf("%s %s: status %d %s", began.Format("15:04:05.000"), path, resp.StatusCode, report.Status)
		}
	} else {
		said = fmt.Sprintf("%s %s: %v", began.Format("15:04:05.000"), path, err)
	}
	took := time.Since(began)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[name]++
	w.slowest[name] = max(w.slowest[name], took)
	if said != "" {
		w.refused[name] = append(w.refused[name], said)
	}
	if report.Status != "" && !slices.Contains(w.states[name], report.Status) {
		w.states[name] = append(w.states[name], report.Status)
	}
}

// meter knows when things went well.
type meter struct {
	mu   sync.Mutex
	hits []time.Time
}

func (m *meter) hit() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hits = append(m.hits, time.Now())
}

func (m *meter) since(at time.Time) (count int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.hits {
		if h.After(at) {
			count++
		}
	}
	return count
}

// gap is the longest time without a hit that reached beyond at.
func (m *meter) gap(at time.Time) (longest time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortFunc(m.hits, time.Time.Compare)
	for i := 1; i < len(m.hits); i++ {
		if m.hits[i].After(at) {
			longest = max(longest, m.hits[i].Sub(m.hits[i-1]))
		}
	}
	return longest
}

// table prints rows under each other through t.Log; cells are separated by tabs, the first row is the head.
func table(t *testing.T, title string, rows ...string) {
	t.Helper()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	_ = w.Flush() // into memory
	t.Logf("%s\n%s", title, b.String())
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
