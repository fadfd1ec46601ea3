//go:build system

package fleet_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/servers"
)

const (
	onceHosts = 8
	// EnvSeconds is how long jobs are watched; lastsAtLeast by default and at least.
	EnvSeconds   = "LECTERN_FLEET_SECONDS"
	lastsAtLeast = 150 * time.Second
)

// once is the fleet of the test, with what happened to it.
type once struct {
	*fleet
	db          *pgtest.Server
	quick, slow diary
	long        string // while this file exists a run of the slow job takes longer than any lease
	began       time.Time
	incidents   []string
	killed      map[string][]time.Time // when a host was killed, by its name
	quickLost   []time.Time            // slots whose host was killed while it ran them
	slowLost    []time.Time
}

// TestJobsRunExactlyOnce has eight hosts run a job every second, while hosts, cache and database die and come back. A second job takes
// longer than the time between its slots.
func TestJobsRunExactlyOnce(t *testing.T) {
	lasting := lastsAtLeast
	if n, err := strconv.Atoi(os.Getenv(EnvSeconds)); err == nil {
		lasting = max(lasting, time.Duration(n)*time.Second)
	}
	db := pgtest.Start(t)
	dir := t.TempDir()
	o := &once{db: db, quick: diary{filepath.Join(dir, "quick")}, slow: diary{filepath.Join(dir, "slow")}, long: filepath.Join(dir, "long"), killed: map[string][]time.Time{}}
	o.fleet = newFleet(t, db, db.Host, db.Port, []contract.Job{
		{Name: "quick", Schedule: "* * * * * *", LimitSeconds: 60, Run: o.quick.command("sleep 0.$((200 + $$ % 200))")},
		{Name: "slow", Schedule: "*/2 * * * * *", LimitSeconds: 120, Run: o.slow.command(
			"n=30; if [ -e '" + o.long + "' ]; then n=600; fi; while [ $n -gt 0 ]; do n=$((n - 1)); mark " + beating + "; sleep 0.1; done")},
	}, "--drain-delay", "1s")
	for range onceHosts {
		o.add(0).start()
	}
	for _, h := range o.hosts {
		servers.Await(t, h.name+" is healthy", h.healthy)
	}
	servers.Await(t, "the first job runs", func() bool { return len(o.quick.read(t)) > 0 })

	o.began = time.Now()
	from := o.began.Truncate(time.Second).Add(2 * time.Second).UTC()
	for at := time.Duration(0); at+lastsAtLeast <= lasting; at += lastsAtLeast {
		o.suffer(o.began.Add(at))
	}
	time.Sleep(time.Until(o.began.Add(lasting)))
	to := time.Now().Truncate(time.Second).UTC()
	for end := time.Now().Add(time.Minute); !o.caughtUp(from, to) && time.Now().Before(end); { // else the table tells
		time.Sleep(200 * time.Millisecond)
	}
	for _, h := range o.hosts { // what has begun ends, nothing else begins
		h.process.Terminate()
	}
	for _, h := range o.hosts {
		require.Zero(t, h.process.ExitCode(time.Minute), "%s leaves in good order", h.name)
	}
	table(t, "Incidents", append([]string{"after\twhat"}, o.incidents...)...)
	quick := o.judge("quick", o.quick, time.Second, from, to)
	slow := o.judge("slow", o.slow, 2*time.Second, from, to)
	for _, v := range []*verdict{quick, slow} {
		v.requireOrder(t)
	}
	require.Equal(t, quick.count["slots"], quick.count["succeeded"]+quick.count["lost"], "slots of quick that ran once or were lost")
	for _, v := range []*verdict{quick, slow} {
		for _, r := range v.unwell {
			require.True(t, o.wasKilled(r), "slot %s of %s on %s is %s, and nobody killed it: %s", r.slot.Format(time.TimeOnly), v.job, r.instance, r.status, r.reason)
		}
	}
	require.Subset(t, quick.lost(), o.quickLost, "a slot whose holder died is lost, not repeated")
	require.Subset(t, slow.lost(), o.slowLost, "a slot whose holder died is lost, not repeated")
	require.NotZero(t, slow.count["succeeded"])
}

// suffer lets a series of incidents happen, which takes less than lastsAtLeast, with what follows from them.
func (o *once) suffer(from time.Time) {
	for _, i := range []struct {
		at     time.Duration
		happen func()
	}{
		{10 * time.Second, func() { o.loseCache(0) }},
		{25 * time.Second, o.loseMachine},
		{60 * time.Second, func() { o.loseCache(3 * time.Second) }},
		{80 * time.Second, o.restartDatabase},
		{95 * time.Second, o.loseHostAlone},
	} {
		time.Sleep(time.Until(from.Add(i.at)))
		i.happen()
	}
}

// caughtUp: what waited for the lease of a host that was killed has run by now.
func (o *once) caughtUp(from, to time.Time) bool {
	records := readRecords(o.t, o.db, "quick")
	for slot := from; slot.Before(to); slot = slot.Add(time.Second) {
		if r, is := records[slot]; !is || r.status == "running" {
			return false
		}
	}
	return true
}

func (o *once) note(format string, args ...any) {
	o.incidents = append(o.incidents, fmt.Sprintf("%.1f s\t", time.Since(o.began).Seconds())+fmt.Sprintf(format, args...))
}

// during waits until a run of a job has just begun, or gone on, and returns its host.
func (o *once) during(d diary) (m mark, on *host) {
	o.t.Helper()
	before := len(d.read(o.t))
	servers.Await(o.t, "a run is under way", func() bool {
		var is bool
		m, is = d.running(o.t)
		return is && len(d.read(o.t)) > before
	})
	for _, h := range o.hosts {
		if h.name == m.instance {
			return m, h
		}
	}
	require.Fail(o.t, "a host that is none", "%q wrote the diary", m.instance)
	return m, nil
}

// loseCache kills the server and starts it, empty, some time later.
func (o *once) loseCache(away time.Duration) {
	m, h := o.during(o.slow)
	o.redis.Kill()
	time.Sleep(away)
	o.redis.Start()
	o.note("Redis killed while %s ran slot %s of slow, and back after %s with nothing in it", h.name, m.slot.Format(time.TimeOnly), away)
}

// loseMachine kills a host that runs the job, with all of its children: the machine is gone, or systemd has killed the control group.
func (o *once) loseMachine() {
	m, h := o.during(o.quick)
	h.process.KillMachine()
	o.killed[h.name] = append(o.killed[h.name], time.Now())
	o.quickLost = append(o.quickLost, m.slot)
	o.note("%s and its children killed with SIGKILL while it ran slot %s of quick", h.name, m.slot.Format(time.TimeOnly))
	time.Sleep(25 * time.Second)
	h.start()
	servers.Await(o.t, "the host is healthy again", h.healthy)
	o.note("%s started again", h.name)
}

// loseHostAlone kills a host that runs a long job, and the host alone: whoever has run out of memory is killed like that. What is left of the
// job must not go on once another host may run it.
func (o *once) loseHostAlone() {
	require.NoError(o.t, os.WriteFile(o.long, nil, 0o600))
	before := len(o.slow.read(o.t))
	servers.Await(o.t, "a long run starts", func() bool {
		marks := o.slow.read(o.t)
		return slices.ContainsFunc(marks[before:], func(m mark) bool { return m.what == started }) && marks[len(marks)-1].what == beating
	})
	m, h := o.during(o.slow)
	require.NoError(o.t, os.Remove(o.long))
	h.process.Kill()
	o.killed[h.name] = append(o.killed[h.name], time.Now())
	o.slowLost = append(o.slowLost, m.slot)
	time.Sleep(time.Second)
	last := len(o.slow.read(o.t))
	time.Sleep(time.Second)
	require.Len(o.t, o.slow.read(o.t), last, "what the host has left behind goes on")
	o.note("%s killed with SIGKILL, but not its children, while it ran slot %s of slow, which takes a minute; they ended within 1 s", h.name, m.slot.Format(time.TimeOnly))
	time.Sleep(20 * time.Second)
	h.start()
	servers.Await(o.t, "the host is healthy again", h.healthy)
	o.note("%s started again", h.name)
}

// restartDatabase stops PostgreSQL at once and starts it again.
func (o *once) restartDatabase() {
	m, h := o.during(o.quick)
	o.db.Stop()
	time.Sleep(time.Duration(500+rand.IntN(500)) * time.Millisecond)
	o.db.Start()
	o.note("PostgreSQL crashed while %s ran slot %s of quick, and started again", h.name, m.slot.Format(time.TimeOnly))
}
