package jobs_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

const everySecond = "* * * * * *"

// TestOneServer holds what does no harm to a database, so that one is enough; in real time, all at once.
func TestOneServer(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	for name, test := range map[string]func(*testing.T, *fleet){
		"EverySlotRunsOnceThoughThereAreEightHosts": everySlotRunsOnce,
		"ACacheThatLosesItsDataRepeatsNothing":      cacheFlushed,
		"ARunLongerThanTheLockIsRenewed":            longRun,
		"WhatACommandGetsAndLeaves":                 whatACommandGets,
		"FailuresAndLimits":                         failures,
		"LeavingLetsCommandsFinish":                 leavingFinishes,
		"LeavingStopsCommandsThatTakeTooLong":       leavingStops,
		"AHolderWhoseLockIsGoneIsStopped":           lockGone,
		"SlotsOfOneJobAreSerialAndRunLate":          serialAndLate,
		"OldSlotsAreMissed":                         oldSlotsMissed,
		"AClockThatIsAheadWaits":                    clockAhead,
		"NothingBeforeTheStart":                     nothingBeforeTheStart,
		"AMissingEnvironmentClaimsNothing":          missingEnvironment,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newFleet(t, s))
		})
	}
}

func everySlotRunsOnce(t *testing.T, f *fleet) {
	var queries atomic.Int64
	var hosts []*member
	for i := range 8 {
		hosts = append(hosts, f.host(fmt.Sprint("once-", i), func(o *jobs.Options) {
			o.Observe = func(_ string, ok bool, seconds float64) {
				require.True(t, ok)
				require.Positive(t, seconds)
				queries.Add(1)
			}
		}, f.writing("once", everySecond, "0.1")))
	}
	f.eventually("once", 20*time.Second, has(jobs.Succeeded, 5))
	for _, h := range hosts {
		h.leave()
		require.Zero(t, h.lost.Load())
	}
	runs := f.list("once")
	everySlot(t, runs)
	require.Equal(t, len(runs), count(runs, jobs.Succeeded))
	require.Equal(t, len(runs), f.once())
	require.EqualValues(t, len(runs), queries.Load())
	require.Len(t, f.written(), 2*len(runs))
	for _, r := range runs {
		require.Equal(t, 0, *r.Exit)
		require.InDelta(t, 0.1, *r.Seconds, 2)
		require.WithinRange(t, *r.StartedAt, r.Slot.Add(-time.Second), r.Slot.Add(5*time.Second))
	}
}

func cacheFlushed(t *testing.T, f *fleet) {
	for i := range 3 {
		f.host(fmt.Sprint("flushed-", i), nil, f.writing("flushed", everySecond, "0.3"))
	}
	f.eventually("flushed", 15*time.Second, has(jobs.Succeeded, 1))
	for range 20 {
		f.cache.FlushAll()
		time.Sleep(150 * time.Millisecond)
	}
	n := len(f.list("flushed"))
	f.eventually("flushed", 15*time.Second, has(jobs.Succeeded, n+2))
	f.once()
	everySlot(t, f.list("flushed"))
}

func longRun(t *testing.T, f *fleet) {
	job := f.writing("long", in(500*time.Millisecond), "4") // longer than lock and lease
	for i := range 2 {
		f.host(fmt.Sprint("long-", i), nil, job)
	}
	runs := f.eventually("long", 15*time.Second, has(jobs.Succeeded, 1))
	require.Len(t, runs, 1)
	require.Equal(t, 1, f.once())
}

func whatACommandGets(t *testing.T, f *fleet) {
	environment := filepath.Join(t.TempDir(), "environment.json")
	require.NoError(t, os.WriteFile(environment, []byte(`{"GREETING":"hello world","LECTERN_JOB":"no","PASSWORD":"planted-password"}`), 0o600))
	job := contract.Job{Name: "gets", Schedule: in(500 * time.Millisecond), LimitSeconds: 9, Run: fmt.Sprintf(`
echo "$GREETING from $LECTERN_JOB at $LECTERN_SLOT with $LECTERN_TOKEN in $(pwd)"
echo "cannot log in with $PASSWORD"
echo to stderr >&2
cat # standard input is empty
(sleep 1; echo left behind >> %s) > /dev/null 2>&1 &
`, f.out)}
	h := f.host("gets-0", func(o *jobs.Options) {
		o.EnvironmentJSON = environment
		o.Variables = []contract.Variable{{Name: "PASSWORD", Value: `{{secret "database" "password"}}`}}
	}, job)
	runs := f.eventually("gets", 15*time.Second, has(jobs.Succeeded, 1))
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "to stderr") }, 5*time.Second, 10*time.Millisecond)
	require.Contains(t, h.log.String(), fmt.Sprintf(`job=gets slot=%s token=%d line="hello world from gets at %s with %d in %s"`,
		runs[0].Slot.Format(time.RFC3339), runs[0].Token, runs[0].Slot.Format(time.RFC3339), runs[0].Token, filepath.Dir(f.out)))
	require.Contains(t, h.log.String(), `line="cannot log in with [secret]"`)
	require.NotContains(t, h.log.String(), "planted-password")
	require.Equal(t, "gets-0", runs[0].Instance)
	time.Sleep(1200 * time.Millisecond)
	require.NotContains(t, f.written(), "left behind")
}

func failures(t *testing.T, f *fleet) {
	job := func(name, run string, limit int) contract.Job {
		return contract.Job{Name: name, Schedule: in(500 * time.Millisecond), LimitSeconds: limit, Run: run}
	}
	var failed atomic.Int64
	f.host("fails-0", func(o *jobs.Options) {
		o.Observe = func(_ string, ok bool, _ float64) {
			if !ok {
				failed.Add(1)
			}
		}
	}, job("fails", "false\ntrue", 9), job("status", "exit 7", 9), job("signal", "kill -USR1 $$; sleep 9", 9), job("limit", "sleep 30 & sleep 30", 1))
	for name, want := range map[string]struct {
		exit   int
		reason string
	}{"fails": {1, ""}, "status": {7, ""}, "signal": {128 + 10, "signal: user defined signal 1"}, "limit": {128 + 15, "timeout after"}} {
		r := f.eventually(name, 20*time.Second, has(jobs.Failed, 1))[0]
		require.Equal(t, want.exit, *r.Exit, name)
		require.Contains(t, r.Reason, want.reason)
		require.Less(t, *r.Seconds, 9.0)
	}
	require.EqualValues(t, 4, failed.Load())
	runs, err := f.records.List(t.Context(), "fails", true, 9)
	require.NoError(t, err)
	require.Len(t, runs, 1)
}

func leavingFinishes(t *testing.T, f *fleet) {
	h := f.host("leaves-0", nil, f.writing("leaves", everySecond, "2"))
	f.eventually("leaves", 10*time.Second, has(jobs.Running, 1))
	h.leave()
	runs := f.list("leaves")
	require.Len(t, runs, 1, "no new slot")
	require.Equal(t, jobs.Succeeded, runs[0].Status)
	require.Len(t, f.written(), 2)
}

func leavingStops(t *testing.T, f *fleet) {
	h := f.host("stops-0", func(o *jobs.Options) { o.DrainLimit = 500 * time.Millisecond }, f.writing("stops", everySecond, "15"))
	f.eventually("stops", 10*time.Second, has(jobs.Running, 1))
	begun := time.Now()
	h.leave()
	require.Less(t, time.Since(begun), 5*time.Second)
	r := f.list("stops")[0]
	require.Equal(t, jobs.Stopped, r.Status)
	require.Contains(t, r.Reason, "leaving")
	f.host("stops-1", nil, f.writing("stops", everySecond, "0.1"))
	f.eventually("stops", 10*time.Second, has(jobs.Succeeded, 1))
	require.Len(t, f.list("stops"), f.once(), "the stopped slot is not repeated")
}

func lockGone(t *testing.T, f *fleet) {
	job := f.writing("gone", in(500*time.Millisecond), "4") // longer than lock and lease
	for i := range 2 {
		f.host(fmt.Sprint("gone-", i), nil, job)
	}
	f.eventually("gone", 10*time.Second, has(jobs.Running, 1))
	f.cache.FlushAll()
	runs := f.eventually("gone", 15*time.Second, has(jobs.Succeeded, 1))
	require.Len(t, runs, 1, "the lease kept the other one from beginning, and the run from being lost")
	require.Equal(t, 1, f.once())
}

func serialAndLate(t *testing.T, f *fleet) {
	for i := range 2 {
		f.host(fmt.Sprint("serial-", i), func(o *jobs.Options) { o.Late = 2 * time.Second }, f.writing("serial", everySecond, "1.7"))
	}
	f.eventually("serial", 40*time.Second, has(jobs.Missed, 1))
	f.once()
	runs := f.list("serial")
	everySlot(t, runs)
	for _, r := range runs {
		if r.Status == jobs.Missed {
			require.Nil(t, r.StartedAt)
			require.GreaterOrEqual(t, r.FinishedAt.Sub(r.Slot), 2*time.Second)
		}
	}
	require.Positive(t, count(runs, jobs.Succeeded))
}

func oldSlotsMissed(t *testing.T, f *fleet) {
	f.cache.SetError("LOADING")
	f.host("old-0", func(o *jobs.Options) { o.Late = 2 * time.Second }, f.writing("old", everySecond, "0"))
	time.Sleep(5 * time.Second)
	f.cache.SetError("")
	f.eventually("old", 10*time.Second, has(jobs.Succeeded, 4))
	runs := f.list("old")
	everySlot(t, runs)
	require.GreaterOrEqual(t, count(runs, jobs.Missed), 2)
	require.Equal(t, f.once(), count(runs, jobs.Succeeded))
	missedEnds := false
	for _, r := range runs {
		require.False(t, missedEnds && r.Status == jobs.Missed, "oldest first")
		missedEnds = missedEnds || r.Status == jobs.Succeeded
	}
}

func clockAhead(t *testing.T, f *fleet) {
	h := f.host("ahead-0", func(o *jobs.Options) { o.Now = func() time.Time { return time.Now().Add(time.Minute) } }, f.writing("ahead", everySecond, "0"))
	time.Sleep(2 * time.Second)
	require.Empty(t, f.list("ahead"), "its slots are in the future")
	require.Contains(t, h.log.String(), "clock of this host")
	f.host("ahead-1", nil, f.writing("ahead", everySecond, "0"))
	runs := f.eventually("ahead", 15*time.Second, has(jobs.Succeeded, 2))
	for _, r := range runs {
		require.LessOrEqual(t, r.Slot.Sub(*r.StartedAt), time.Second)
	}
}

func nothingBeforeTheStart(t *testing.T, f *fleet) {
	f.host("start-0", nil, f.writing("start", everySecond, "0")).leave()
	before := time.Now()
	f.host("start-1", nil, f.writing("start", everySecond, "0"))
	runs := f.eventually("start", 10*time.Second, has(jobs.Succeeded, 2))
	for _, r := range runs {
		if r.Instance == "start-1" {
			require.False(t, r.Slot.Before(before.Truncate(time.Second)))
		}
	}
}

func missingEnvironment(t *testing.T, f *fleet) {
	environment := filepath.Join(t.TempDir(), "environment.json")
	h := f.host("env-0", func(o *jobs.Options) { o.EnvironmentJSON = environment }, f.writing("env", everySecond, "0"))
	time.Sleep(2500 * time.Millisecond)
	require.Empty(t, f.list("env"))
	require.Contains(t, h.log.String(), environment)
	require.NoError(t, os.WriteFile(environment, []byte(`{}`), 0o600))
	f.eventually("env", 10*time.Second, has(jobs.Succeeded, 4))
	everySlot(t, f.list("env"))
}

func TestWhatIsNoJob(t *testing.T) {
	db, err := database.Open(database.Options{Database: contract.Database{Engine: contract.EnginePostgres, Port: "1", TLSMode: contract.TLSDisable}})
	require.NoError(t, err)
	_, err = jobs.New(jobs.Options{Database: db, Log: slog.New(slog.DiscardHandler), Jobs: []contract.Job{{Name: "A", Schedule: "x"}}})
	for _, want := range []string{`job "A"`, "limitSeconds", "1 fields"} {
		require.ErrorContains(t, err, want)
	}
}
