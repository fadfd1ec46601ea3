//go:build system

package fleet_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/servers"
)

const (
	drainHosts   = 4
	drainClients = 32
	// drainDelay is longer than a balancer needs that asks every second and believes the second no.
	drainDelay = 4 * time.Second
	// jobTakes longer than that, so that a host that leaves waits for its job after the last request.
	jobTakes = 6 * time.Second
)

// TestDrainCostsNoRequest replaces each of four hosts under load. The last one leaves because its group says so, the others because they are
// told to stop.
func TestDrainCostsNoRequest(t *testing.T) {
	db := pgtest.Start(t)
	diaries, dir, jobs := map[string]diary{}, t.TempDir(), []contract.Job(nil)
	// One or the other begins every second or two, so that every host soon has one.
	for name, seconds := range map[string]string{"one": "0,10,20,30,40,50", "two": "2,12,22,32,42,52", "three": "4,14,24,34,44,54", "four": "5,15,25,35,45,55", "five": "7,17,27,37,47,57"} {
		diaries[name] = diary{filepath.Join(dir, name)}
		jobs = append(jobs, contract.Job{
			Name: name, Schedule: seconds + " * * * * *", LimitSeconds: 60, Run: diaries[name].command(fmt.Sprintf("sleep %.0f", jobTakes.Seconds())),
		})
	}
	f := newFleet(t, db, db.Host, db.Port, jobs, "--drain-delay", drainDelay.String(), "--shutdown-limit", "20s")
	balancer := servers.Balancer{Port: servers.FreePort(t), Interval: time.Second}
	for range 2 * drainHosts { // each host and its replacement
		balancer.Targets = append(balancer.Targets, f.add(0).port)
	}
	for _, h := range f.hosts[:drainHosts] {
		h.start()
	}
	for _, h := range f.hosts[:drainHosts] {
		servers.Await(t, h.name+" is healthy", h.healthy)
	}
	balancer.Start(t)
	url := "http://" + servers.Loopback(balancer.Port)
	// HAProxy believes in every target until it has asked, also in those that are not there yet.
	servers.Await(t, "the balancer sends requests only to those that are there", func() bool {
		for range 4 * len(balancer.Targets) {
			if !servers.Answers(url + checkPath) {
				return false
			}
		}
		return true
	})

	l, stop := &load{}, make(chan struct{})
	wait := l.run(url, drainClients, stop)
	rows := []string{"left\tbecause of\tran a job\tseconds to leave\trequests meanwhile\tfailed meanwhile"}
	staying := slices.Clone(f.hosts[:drainHosts])
	for i := range drainHosts {
		time.Sleep(3 * time.Second)
		leaving, job, slot := runner(t, diaries, staying)
		staying = slices.DeleteFunc(staying, func(h *host) bool { return h == leaving })
		replacement := f.hosts[drainHosts+i]
		began, requests, failed, why := time.Now(), l.requests.Load(), len(l.failed()), "SIGTERM"
		if i < drainHosts-1 {
			leaving.process.Terminate()
			replacement.start()
			require.Zero(t, leaving.process.ExitCode(time.Minute), "%s leaves in good order", leaving.name)
		} else {
			why = "lifecycle state"
			leaving.metadata.set(terminated)
			replacement.start()
			servers.Await(t, "the hook is completed", func() bool { return len(f.cloud.completions(leaving.name)) > 0 })
		}
		took := time.Since(began)
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s of %s\t%.1f\t%d\t%d", leaving.name, why, job, slot.Format(time.TimeOnly), took.Seconds(),
			l.requests.Load()-requests, len(l.failed())-failed))
		require.Zero(t, leaving.workload.under.Load(), "requests that %s left behind", leaving.name)
		r := readRecords(t, db, job)[slot]
		require.Equal(t, "succeeded", r.status, "the job that ran on %s when it was told to leave: %s", leaving.name, r.reason)
		require.Equal(t, leaving.name, r.instance)
		servers.Await(t, replacement.name+" is healthy", replacement.healthy)
	}
	hooked := f.cloud.completed[0]
	require.Len(t, f.cloud.completed, 1, "the hook is completed once, by the one whose group had it leave")
	require.Equal(t, []string{group, contract.TerminateHook, "CONTINUE"}, []string{hooked.group, hooked.hook, hooked.result})
	time.Sleep(2 * time.Second)
	close(stop)
	wait()
	table(t, "Drains", rows...)
	table(t, "Load on them", "connections\trequests\tfailed\tslowest", fmt.Sprintf("%d\t%d\t%d\t%s", drainClients, l.requests.Load(), len(l.failed()), seconds(time.Duration(l.slowest.Load()))))
	require.Empty(t, l.failed())
	require.Greater(t, l.requests.Load(), int64(1000))
	for _, h := range f.hosts {
		require.NotZero(t, h.workload.served.Load(), "%s got requests", h.name)
	}
}

// runner waits until one of the hosts has just begun a job.
func runner(t *testing.T, diaries map[string]diary, hosts []*host) (on *host, job string, slot time.Time) {
	t.Helper()
	before := map[string]int{}
	for name, d := range diaries {
		before[name] = len(d.read(t))
	}
	servers.Await(t, "one of the hosts that are to leave runs a job", func() bool {
		for name, d := range diaries {
			m, is := d.running(t)
			i := slices.IndexFunc(hosts, func(h *host) bool { return h.name == m.instance })
			if is && i >= 0 && len(d.read(t)) > before[name] {
				on, job, slot = hosts[i], name, m.slot
				return true
			}
		}
		return false
	})
	return on, job, slot
}
