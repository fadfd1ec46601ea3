//go:build system

package system_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// printFailures is the table, one row a stack, and what no change of a client file reaches.
func printFailures(rows []*failureRow) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "stack\tresources\ttried\tcreations failed\tupdates failed\tretried fine\tway back needed\torphans\tstateful touched\tstuck\ttime\t")
	total := &failureRow{stack: "total", wayBack: map[string]int{}}
	same := map[string]int{}
	for _, row := range rows {
		printFailureRow(w, row)
		total.add(row)
		for _, kind := range row.same {
			same[kind]++
		}
	}
	printFailureRow(w, total)
	_ = w.Flush()
	count := len(total.same)
	fmt.Fprintf(&text, "\n%d of the resources tried are not updated by the change (next size, another tag):\n", count)
	for _, kind := range slices.Sorted(maps.Keys(same)) {
		fmt.Fprintf(&text, "  %3d %s\n", same[kind], kind)
	}
	return text.String()
}

func printFailureRow(w *tabwriter.Writer, row *failureRow) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\t%d\t%d\t%s\t\n", row.stack, row.resources, row.tried, row.created, row.updated,
		row.retried, row.ways(), row.orphans, row.touched, row.stuck, (row.creating + row.updating).Round(time.Second))
}

func (row *failureRow) ways() string {
	var ways []string
	for _, status := range slices.Sorted(maps.Keys(row.wayBack)) {
		ways = append(ways, fmt.Sprintf("%d %s", row.wayBack[status], status))
	}
	if len(ways) == 0 {
		return "0"
	}
	return strings.Join(ways, ", ")
}

func (row *failureRow) add(other *failureRow) {
	row.resources += other.resources
	row.tried += other.tried
	row.created += other.created
	row.updated += other.updated
	row.retried += other.retried
	row.orphans += other.orphans
	row.touched += other.touched
	row.stuck += other.stuck
	row.same = append(row.same, other.same...)
	row.creating += other.creating
	row.updating += other.updating
	for status, count := range other.wayBack {
		row.wayBack[status] += count
	}
}
