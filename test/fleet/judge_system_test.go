//go:build system

package fleet_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// verdict is what became of the slots of a job.
type verdict struct {
	job         string
	count       map[string]int // of slots, by status and more
	unwell      []record       // that neither succeeded nor were missed
	overlapping []string
	strange     []string // what the diary and the records do not agree on
}

// judge compares the diary of a job with its records, for slots after from and before to, and prints the sum.
func (o *once) judge(job string, d diary, every time.Duration, from, to time.Time) *verdict {
	t := o.t
	v := &verdict{job: job, count: map[string]int{}}
	starts, ends, overlapping := d.runs(t)
	v.overlapping = overlapping
	records := readRecords(t, o.db, job)
	reasons := map[string]int{}
	late, latest := 0, time.Duration(0)
	for slot := from.Truncate(every).Add(every); slot.Before(to); slot = slot.Add(every) {
		v.count["slots"]++
		r, recorded := records[slot]
		if !recorded {
			v.count["not begun"]++
			continue
		}
		v.count[r.status]++
		if r.status != "succeeded" {
			reasons[fmt.Sprintf("%s by %s: %s", r.status, r.instance, r.reason)]++
		}
		if r.status != "succeeded" && r.status != "missed" {
			v.unwell = append(v.unwell, r)
		}
		if r.started != nil {
			lateness := r.started.Sub(slot)
			latest = max(latest, lateness)
			if lateness > time.Second {
				late++
			}
		}
	}
	perHost := map[string]int{}
	for slot, marks := range starts {
		perHost[marks[0].instance]++
		if len(marks) > 1 {
			v.count["twice"]++
		}
		v.strange = append(v.strange, disagreement(marks[0], ends[slot], records)...)
	}
	rows := []string{fmt.Sprintf("slots\t%d", v.count["slots"])}
	for _, what := range []string{"succeeded", "lost", "missed", "failed", "stopped", "running", "not begun", "twice"} {
		rows = append(rows, fmt.Sprintf("%s\t%d", what, v.count[what]))
	}
	rows = append(rows, fmt.Sprintf("overlapping\t%d", len(v.overlapping)), fmt.Sprintf("begun more than 1 s late\t%d, at most by %s", late, seconds(latest)))
	for _, h := range o.hosts {
		rows = append(rows, fmt.Sprintf("runs of %s\t%d", h.name, perHost[h.name]))
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		rows = append(rows, fmt.Sprintf("%s\t%d", reason, reasons[reason]))
	}
	table(t, "Job "+job, rows...)
	return v
}

// disagreement of a run's start and end in the diary with its record.
func disagreement(m mark, ended bool, records map[time.Time]record) []string {
	var found []string
	add := func(format string, args ...any) {
		found = append(found, fmt.Sprintf("slot %s on %s: ", m.slot.Format(time.TimeOnly), m.instance)+fmt.Sprintf(format, args...))
	}
	r, is := records[m.slot]
	if !is {
		add("ran without a record")
		return found
	}
	if r.instance != m.instance || r.token != m.token {
		add("ran with token %d; its record is of %s with token %d", m.token, r.instance, r.token)
	}
	switch r.status {
	case "succeeded":
		if !ended || r.seconds == nil || *r.seconds < .1 || r.exit == nil || *r.exit != 0 || r.finished == nil {
			add("succeeded, with end in the diary %t, %v s, exit %v", ended, value(r.seconds), value(r.exit))
		}
	case "lost":
		if r.reason == "" || r.finished == nil {
			add("lost, and nobody says why")
		}
	default:
		add("is %s: %s", r.status, r.reason)
	}
	return found
}

// value of a pointer, for a person.
func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// requireOrder is what holds for every job, whatever happens.
func (v *verdict) requireOrder(t *testing.T) {
	t.Helper()
	require.Zero(t, v.count["twice"], "slots of %s that ran twice", v.job)
	require.Empty(t, v.overlapping, "runs of %s at the same time", v.job)
	require.Empty(t, v.strange, "runs of %s and their records", v.job)
	require.Zero(t, v.count["running"], "runs of %s that nobody ended", v.job)
}

// wasKilled says whether the instance was killed while it ran this.
func (o *once) wasKilled(r record) bool {
	return slices.ContainsFunc(o.killed[r.instance], func(at time.Time) bool {
		return r.started != nil && at.After(r.started.Add(-time.Second)) && at.Before(r.started.Add(5*time.Second))
	})
}

// lost are the slots that were.
func (v *verdict) lost() (slots []time.Time) {
	for _, r := range v.unwell {
		if r.status == "lost" {
			slots = append(slots, r.slot)
		}
	}
	return slots
}
