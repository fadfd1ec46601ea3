package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

func TestADatabaseThatIsAwayCostsNoSlot(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	f := newFleet(t, s)
	var hosts []*member
	for i := range 2 {
		hosts = append(hosts, f.host(fmt.Sprint("away-", i), nil, f.writing("away", everySecond, "0.5")))
	}
	f.eventually("away", 10*time.Second, has(jobs.Succeeded, 1))
	f.eventually("away", 10*time.Second, has(jobs.Running, 1))
	s.Stop() // while a command runs, which ends before its lease does
	time.Sleep(2 * time.Second)
	s.Start()
	n := len(f.list("away"))
	f.eventually("away", 20*time.Second, has(jobs.Succeeded, n+3))
	for _, h := range hosts {
		h.leave()
	}
	runs := f.list("away")
	everySlot(t, runs)
	require.Equal(t, len(runs), f.once())
	require.Equal(t, len(runs), count(runs, jobs.Succeeded), "what ended meanwhile was recorded later")
}

func TestALeaseThatCannotBeRenewedStopsTheCommand(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	f := newFleet(t, s)
	h := f.host("lease-0", nil, f.writing("lease", in(500*time.Millisecond), "15"))
	f.eventually("lease", 10*time.Second, has(jobs.Running, 1))
	begun := time.Now()
	s.Stop()
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "status=lost") }, lease, 10*time.Millisecond, "before the lease has passed")
	require.Less(t, time.Since(begun), lease)
	s.Start()
	r := f.eventually("lease", 20*time.Second, has(jobs.Lost, 1))[0]
	require.Contains(t, r.Reason, "lease in the database could not be renewed")
	require.Len(t, f.written(), 1, "it was killed")
}
