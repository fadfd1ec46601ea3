//go:build system

package fleet_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/servers"
)

// startBeside starts hosts with a database by the name at, which run a job every second.
func startBeside(t *testing.T, db *pgtest.Server, at *endpoint, size int) (*fleet, diary) {
	t.Helper()
	d := diary{filepath.Join(t.TempDir(), "diary")}
	f := newFleet(t, db, at.host, at.port, []contract.Job{{Name: "beat", Schedule: "* * * * * *", LimitSeconds: 60, Run: d.command("sleep 0.1")}})
	for range size {
		h := f.add(0)
		h.start()
		servers.Await(t, h.name+" is healthy", h.healthy)
	}
	return f, d
}

// metered has a hit for each run that starts, until stop is closed.
func (d diary) metered(t *testing.T, stop <-chan struct{}) (m *meter, wait func()) {
	m = &meter{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for seen := 0; ; {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
			marks := d.read(t)
			for _, x := range marks[seen:] {
				if x.what == started {
					m.hit()
				}
			}
			seen = len(marks)
		}
	}()
	return m, func() { <-done }
}
