//go:build system

package system_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/docs/procedures"
)

// TestFailureTable makes the creation of every resource of every stack of every reference
// client fail once, and its update once. The same deployment then has to succeed, after the
// way back of docs/procedures/failed-deployment.md where one is needed.
//
// A sample of the resources is tried unless LECTERN_FAILURES is "all" (make failure-table);
// LECTERN_CLIENTS names some of the clients, separated by commas.
func TestFailureTable(t *testing.T) {
	t.Parallel()
	all := os.Getenv("LECTERN_FAILURES") == "all"
	clients := chosenClients(t)
	names := slices.Sorted(maps.Keys(clients))
	first, changed := synthBoth(t, clients)
	document, err := procedures.Read(procedures.FailedDeployment)
	require.NoError(t, err)
	tables := make([][]*failureRow, len(names))
	t.Run("clients", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run := newFailureRun(t, clients[name], document, all)
				tables[i] = run.table(t, first.client(name), changed.client(name))
				if all {
					progress("%s is done\n%s", name, printFailures(tables[i]))
				}
			})
		}
	})
	table := printFailures(slices.Concat(tables...))
	if all {
		path := filepath.Join(root(t), "build", "failure-table.txt")
		require.NoError(t, os.WriteFile(path, []byte(table), 0o600))
		fmt.Fprint(os.Stdout, table)
	} else {
		t.Log("\n" + table)
	}
}

// synthBoth is all clients as they are, and all one size up with another tag.
func synthBoth(t *testing.T, clients map[string]clientFile) (first, changed *assembly) {
	t.Helper()
	var before, after []clientFile
	for _, name := range slices.Sorted(maps.Keys(clients)) {
		before, after = append(before, clients[name]), append(after, clients[name].grown(t))
	}
	k := newToolkit(t, nil, "")
	progress("synthesizing %d clients, before and after a change", len(clients))
	names := strings.Join(slices.Sorted(maps.Keys(clients)), ",")
	return k.quickSynth(t, names, write(t, before...)), k.quickSynth(t, names, write(t, after...))
}

// failureRun takes one client through its failures, in an account of its own.
type failureRun struct {
	client   string
	emulator *emulator
	toolkit  *toolkit
	operator *operator
	document procedures.Commands
	every    int // of how many resources one is tried
	refused  map[string]bool
}

func newFailureRun(t *testing.T, client clientFile, document procedures.Commands, all bool) *failureRun {
	t.Helper()
	e := startEmulator(t, client.text("account"))
	k := newToolkit(t, e, client.text("region"))
	r := &failureRun{client: client.text("name"), emulator: e, toolkit: k, operator: newOperator(t, k),
		document: document, every: 24, refused: map[string]bool{}}
	if all {
		r.every = 1
	}
	r.toolkit.bootstrap(t, "aws://"+e.account+"/"+k.region, "aws://"+e.account+"/us-east-1")
	return r
}

func (r *failureRun) table(t *testing.T, first, changed *assembly) []*failureRow {
	t.Helper()
	var rows []*failureRow
	for _, s := range first.stacks {
		row := &failureRow{client: r.client, stack: s.name, resources: s.resources, wayBack: map[string]int{}}
		rows = append(rows, row)
		r.creations(t, first, s, row)
		if row.stuck > 0 {
			break // the stacks after it need it
		}
	}
	kept := r.stateful(t)
	for _, s := range changed.stacks {
		i := slices.IndexFunc(rows, func(row *failureRow) bool { return row.stack == s.name })
		if i < 0 || rows[i].stuck > 0 {
			continue
		}
		r.updates(t, changed, s, rows[i], kept)
		kept = r.stateful(t)
	}
	for _, gap := range readAcceptedGaps(t).unacceptedButUpdates(r.emulator.journal(t, 0)) {
		t.Errorf("the emulator papered over what accepted-gaps.yaml does not explain: %s", gap)
	}
	for _, row := range rows {
		for _, problem := range row.problems {
			t.Errorf("%s: %s", row.stack, problem)
		}
	}
	return rows
}

// failureRow is what became of one stack's failures.
type failureRow struct {
	client, stack      string
	resources          int
	tried              int            // of those, by creation and by update
	created            int            // failed creations
	wayBack            map[string]int // by the status they were needed for
	orphans            int
	updated            int      // failed updates, replacements included
	same               []string // types of what the change does not reach
	touched            int      // stateful resources that a failed update changed
	retried            int      // failures after which the same deployment went on
	stuck              int
	problems           []string
	began              time.Time
	creating, updating time.Duration
}

func (row *failureRow) problem(format string, arguments ...any) {
	text := fmt.Sprintf(format, arguments...)
	progress("%s: PROBLEM: %s", row.stack, text)
	row.problems = append(row.problems, text)
}

// progress is for whoever waits: the whole table takes a while.
func progress(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, arguments...))
}
