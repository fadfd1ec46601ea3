//go:build system

package fleet_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// diary is a file that the command of a job appends a line to when it starts, now and then while it runs, and when it ends. Each line is one
// write with O_APPEND, so their order is that in which things happened, whoever's clock says what.
type diary struct{ file string }

// Marks in a diary.
const (
	started = "start"
	beating = "beat"
	ended   = "end"
)

// command is a shell command that writes the diary, and does something in between, which may call mark.
func (d diary) command(between string) string {
	return fmt.Sprintf(`mark() { printf '%%s %%s %%s %%s\n' "$%s" "$%s" "$%s" "$1" >> '%s'; }
mark %s
%s
mark %s`, jobs.EnvSlot, envInstance, jobs.EnvToken, d.file, started, between, ended)
}

type mark struct {
	slot     time.Time
	instance string
	token    int64
	what     string
}

func (d diary) read(t *testing.T) (marks []mark) {
	t.Helper()
	text, err := os.ReadFile(d.file)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		require.Len(t, fields, 4, "a line of the diary: %q", line)
		slot, err := time.Parse(time.RFC3339, fields[0])
		require.NoError(t, err)
		token, err := strconv.ParseInt(fields[2], 10, 64)
		require.NoError(t, err)
		marks = append(marks, mark{slot.UTC(), fields[1], token, fields[3]})
	}
	return marks
}

// running is the run that has started and not ended, if it is the last to have written.
func (d diary) running(t *testing.T) (mark, bool) {
	t.Helper()
	marks := d.read(t)
	if len(marks) == 0 || marks[len(marks)-1].what == ended {
		return mark{}, false
	}
	return marks[len(marks)-1], true
}

// runs are the starts of each slot, which slots ended, and what runs wrote after another had started: a run that was killed writes no more, any
// other overlapped.
func (d diary) runs(t *testing.T) (starts map[time.Time][]mark, ends map[time.Time]bool, overlapping []string) {
	t.Helper()
	starts, ends = map[time.Time][]mark{}, map[time.Time]bool{}
	var last mark
	for _, m := range d.read(t) {
		if m.what == started {
			starts[m.slot] = append(starts[m.slot], m)
			last = m
			continue
		}
		if m.what == ended {
			ends[m.slot] = true
		}
		if m.token != last.token || m.slot != last.slot {
			overlapping = append(overlapping, fmt.Sprintf("slot %s on %s (token %d) wrote %q after slot %s had started on %s (token %d)",
				m.slot.Format(time.TimeOnly), m.instance, m.token, m.what, last.slot.Format(time.TimeOnly), last.instance, last.token))
		}
	}
	return starts, ends, overlapping
}

// record is a row of lectern.job_runs.
type record struct {
	slot     time.Time
	token    int64
	instance string
	status   string
	started  *time.Time
	finished *time.Time
	seconds  *float64
	exit     *int
	reason   string
}

func readRecords(t *testing.T, s *pgtest.Server, job string) map[time.Time]record {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn(s))
	require.NoError(t, err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT slot, token, instance, status, started_at, finished_at, seconds, exit_status, reason FROM lectern.job_runs WHERE job = $1`, job)
	require.NoError(t, err)
	defer rows.Close()
	records := map[time.Time]record{}
	for rows.Next() {
		var r record
		require.NoError(t, rows.Scan(&r.slot, &r.token, &r.instance, &r.status, &r.started, &r.finished, &r.seconds, &r.exit, &r.reason))
		r.slot = r.slot.UTC()
		records[r.slot] = r
	}
	require.NoError(t, rows.Err())
	return records
}

func dsn(s *pgtest.Server) string {
	return fmt.Sprintf("host=%s port=%s user=%s password=%s dbname=%s sslmode=disable", s.Host, s.Port, pgtest.User, s.Password, pgtest.Database)
}
