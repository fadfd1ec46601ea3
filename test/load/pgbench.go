package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lectern/lectern/test/load/learner"
)

// The limit: one row by primary key, the same state in the same type, one transaction each, over the same protocol.
const (
	pgbenchTable  = "CREATE TABLE IF NOT EXISTS bench_state (tenant text, attempt int, activity text, cmi jsonb NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (tenant, attempt, activity))"
	pgbenchScript = `INSERT INTO bench_state VALUES ('acme', :client_id, 'item', :state, now())
ON CONFLICT (tenant, attempt, activity) DO UPDATE SET cmi = excluded.cmi, updated_at = excluded.updated_at;
`
)

var tps = regexp.MustCompile(`tps = ([0-9.]+) \(without initial connection time\)`)

func pgbench(ctx context.Context, s *servers, connections int, o options) (measured, error) {
	dir, err := os.MkdirTemp("", "lectern-pgbench-")
	if err != nil {
		return measured{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	script := filepath.Join(dir, "upsert.sql")
	if err := os.WriteFile(script, []byte(pgbenchScript), 0o600); err != nil {
		return measured{}, err
	}
	state, err := json.Marshal(new(learner.Learner).Next(o.payload).CMI)
	if err != nil {
		return measured{}, err
	}
	if err := s.exec(ctx, pgbenchTable); err != nil {
		return measured{}, err
	}
	cmd := exec.CommandContext(ctx, s.pgbench, "--no-vacuum", "--protocol=prepared", "--client", strconv.Itoa(connections), "--jobs", strconv.Itoa(min(2, connections)),
		"--time", strconv.Itoa(max(1, int(o.duration.Seconds()))), "--file", script, "--define", "state="+string(state),
		"--log", "--log-prefix", filepath.Join(dir, "log"), "-h", s.db.Host, "-p", s.db.Port, "-U", s.db.User, s.database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+s.db.Password)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return measured{}, fmt.Errorf("pgbench: %w\n%s", err, text)
	}
	found := tps.FindSubmatch(text)
	if found == nil {
		return measured{}, fmt.Errorf("pgbench printed no rate:\n%s", text)
	}
	var m measured
	if m.perSecond, err = strconv.ParseFloat(string(found[1]), 64); err != nil {
		return measured{}, err
	}
	m.latencies, err = readLatencies(filepath.Join(dir, "log*"))
	return m, err
}

// readLatencies reads pgbench's log: client, transaction, microseconds, …
func readLatencies(pattern string) ([]time.Duration, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var all []time.Duration
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) < 3 {
				continue
			}
			us, err := strconv.ParseInt(fields[2], 10, 64)
			if err != nil {
				f.Close()
				return nil, fmt.Errorf("pgbench's log %s: %q", name, lines.Text())
			}
			all = append(all, time.Duration(us)*time.Microsecond)
		}
		f.Close()
	}
	slices.Sort(all)
	return all, nil
}
