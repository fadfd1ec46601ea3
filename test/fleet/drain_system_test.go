//go:build system

package fleet_test

import (
	"fmt"
	"path/filepath"
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
	jobTakes   = 3 * time.Second
)

// TestDrainCostsNoRequest replaces each of four hosts under load. The last one leaves because its group says so, the others because they are
// told to stop.
func TestDrainCostsNoRequest(t *testing.T) {
	db := pgtest.Start(t)
	d := diary{filepath.Join(t.TempDir(), "diary")}
	f := newFleet(t, db, db.Host, db.Port, []contract.Job{
		{Name: "long", Schedule: "* * * * * *", LimitSeconds: 60, Run: d.command(fmt.Sprintf("sleep %.0f", jobTakes.Seconds()))},
	}, "--drain-delay", drainDelay.String(), "--shutdown-limit", "20s")
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
	servers.Await(t, "the balancer sends requests on", func() bool { return servers.Answers(url + checkPath) })

	l, stop := &load{}, make(chan struct{})
	wait := l.run(url, drainClients, stop)
	rows := []string{"left\tbecause of\tran a job\tseconds to leave\trequests meanwhile\tfailed meanwhile"}
	staying := append([]*host(nil), f.hosts[:drainHosts]...)
	for i := range drainHosts {
		time.Sleep(3 * time.Second)
		leaving, slot := runner(t, d, staying)
		staying = remove(staying, leaving)
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
		rows = append(rows, fmt.Sprintf("%s\t%s\tslot %s\t%.1f\t%d\t%d", leaving.name, why, slot.Format(time.TimeOnly), took.Seconds(),
			l.requests.Load()-requests, len(l.failed())-failed))
		require.Zero(t, leaving.workload.under.Load(), "requests that %s left behind", leaving.name)
		r := readRecords(t, db, "long")[slot]
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

// runner waits until one of the hosts has just begun the job.
func runner(t *testing.T, d diary, hosts []*host) (*host, time.Time) {
	t.Helper()
	var found *host
	var slot time.Time
	before := len(d.read(t))
	servers.Await(t, "one of the hosts that are to leave runs the job", func() bool {
		m, is := d.running(t)
		if !is || len(d.read(t)) == before {
			return false
		}
		for _, h := range hosts {
			if h.name == m.instance {
				found, slot = h, m.slot
			}
		}
		return found != nil
	})
	return found, slot
}

func remove(hosts []*host, x *host) (rest []*host) {
	for _, h := range hosts {
		if h != x {
			rest = append(rest, h)
		}
	}
	return rest
}
