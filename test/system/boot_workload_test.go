//go:build system && linux

package system_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
)

// workloadLimit is how long a boot with packages may take here, where machines share two processors. The real Moodle makes
// some five hundred tables.
func workloadLimit() time.Duration {
	if os.Getenv(realMoodle) != "" {
		return 20 * time.Minute
	}
	return 5 * time.Minute
}

// requireWorks waits for the end of a boot that has to succeed: everybody told once, and the instance well.
func (b *booted) requireWorks(t *testing.T, s *bootSite) {
	t.Helper()
	b.machine.waitForUserData(t, workloadLimit())
	b.requireTold(t, "SUCCESS", "CONTINUE")
	health := b.get(t, s, contract.HealthPath)
	require.Equal(t, 200, health.status, health.body)
	require.Contains(t, health.body, `"status":"ok"`)
	require.Contains(t, health.body, `"workload":"answering"`)
	require.Contains(t, health.body, `"database":"connected"`)
	enabled, err := b.machine.run("systemctl", "is-enabled", contract.UnitName)
	require.NoError(t, err, "a restart of the instance would not start the service: %s", enabled)
	failed, err := b.machine.run("systemctl", "--failed", "--no-legend", "--plain")
	require.NoError(t, err, failed)
	require.Empty(t, failed, "units have failed")
	b.requireShipped(t)
	t.Logf("%s: from the start of user data to healthy: %.1f s; %s", s.config.Client, b.sinceUserData(t, "CompleteLifecycleAction").Seconds(), b.steps(t))
}

// steps are the boot's steps that took long, as its log says.
func (b *booted) steps(t *testing.T) string {
	t.Helper()
	var long []string
	for line := range strings.Lines(b.machine.log()) {
		var entry struct {
			Msg, Step string
			Ms        int
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "boot step done" && entry.Ms >= 300 {
			long = append(long, entry.Step+" "+strconv.FormatFloat(float64(entry.Ms)/1000, 'f', 1, 64)+" s")
		}
	}
	return strings.Join(long, ", ")
}

type answer struct {
	status int
	body   string
}

// get asks the instance as the load balancer passes on what somebody asked.
func (b *booted) get(t *testing.T, s *bootSite, path string) answer {
	t.Helper()
	public, err := url.Parse(s.config.PublicURL)
	require.NoError(t, err)
	forwarded := "192.0.2.7" + strings.Repeat(", 198.51.100.1", max(0, s.config.Proxies-1)) // each proxy says who asked it
	output, err := b.machine.run("curl", "--silent", "--path-as-is", "--max-time", "20", "--write-out", "\n%{http_code}",
		"--header", "Host: "+public.Host, "--header", "X-Forwarded-Proto: https", "--header", "X-Forwarded-For: "+forwarded,
		"http://127.0.0.1:"+strconv.Itoa(contract.DefaultPort)+path)
	body, code, _ := cutLast(output, "\n")
	status, _ := strconv.Atoi(code)
	if err != nil {
		return answer{body: output}
	}
	return answer{status, body}
}

func cutLast(text, mark string) (before, after string, found bool) {
	if i := strings.LastIndex(text, mark); i >= 0 {
		return text[:i], text[i+len(mark):], true
	}
	return "", text, false
}

// page is a page of the workload that is a JSON object.
func (b *booted) page(t *testing.T, s *bootSite, path string) map[string]any {
	t.Helper()
	got := b.get(t, s, path)
	require.Equal(t, 200, got.status, "%s: %s", path, got.body)
	page := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(got.body), &page), got.body)
	return page
}
