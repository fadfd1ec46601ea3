package jobs

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
)

func TestRecordsInPostgres(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	s.Exec("CREATE ROLE app LOGIN PASSWORD 'app'")
	s.Exec("CREATE DATABASE app OWNER app") // no administrator, as on RDS
	testRecords(t, database.Options{
		Database: contract.Database{Engine: contract.EnginePostgres, Host: s.Host, Port: s.Port, Name: "app", TLSMode: contract.TLSDisable},
		AppName:  "test", Login: loginOf("app", "app"),
	})
}

func loginOf(username, password string) *secrets.Secret[secrets.Login] {
	text, _ := json.Marshal(secrets.Login{Username: username, Password: password})
	return secrets.New(func(context.Context) (string, error) { return string(text), nil }, secrets.DecodeLogin, 0)
}

// testRecords runs every statement.
func testRecords(t *testing.T, o database.Options) {
	open := func() *Records {
		db, err := database.Open(o)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		return NewRecords(db)
	}
	r, ctx := open(), t.Context()
	runs, err := r.List(ctx, "", false, 9)
	require.NoError(t, err, "there is no table yet")
	require.Empty(t, runs)
	_, err = r.state(ctx, "a", time.Now())
	require.True(t, database.IsMissing(err))

	var all sync.WaitGroup
	for range 8 { // instances of a new fleet
		all.Go(func() {
			x := open()
			for range 3 {
				if err := x.Prepare(ctx); err != nil {
					t.Errorf("prepare: %v", err)
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, r.Prepare(ctx))

	now := time.Now().UTC()
	slot := now.Truncate(time.Second).Add(-time.Minute)
	next := slot.Add(time.Second)
	s, err := r.state(ctx, "a", slot)
	require.NoError(t, err)
	require.WithinDuration(t, now, s.now, 5*time.Second)
	require.Zero(t, s.token)
	require.Nil(t, s.active)
	require.Empty(t, s.slots)

	is := func(want bool) func(bool, error) {
		return func(got bool, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
	const lease = time.Minute
	mine := claim{"a", slot, 1_763_740_000_000_005}
	stale, newer := mine.token-1, mine.token+1
	is(false)(r.begin(ctx, claim{"a", now.Truncate(time.Second).Add(time.Minute), mine.token}, "i-1", lease)) // in the future
	is(true)(r.begin(ctx, mine, "i-1", lease))
	is(false)(r.begin(ctx, mine, "i-1", lease))                           // it has a record
	is(false)(r.begin(ctx, claim{"a", slot, newer}, "i-2", lease))        // whoever asks
	is(false)(r.begin(ctx, claim{"a", next, newer}, "i-2", lease))        // another of the job is running
	is(false)(r.begin(ctx, claim{"a", next, stale}, "i-0", lease))        // and the token is behind
	is(true)(r.begin(ctx, claim{"b", slot, stale}, "i-0", -time.Second))  // another job; its lease has passed
	is(false)(r.begin(ctx, claim{"b", next, stale}, "i-0", -time.Second)) // which alone changes nothing

	s, err = r.state(ctx, "a", next)
	require.NoError(t, err)
	require.Equal(t, mine.token, s.token)
	require.Equal(t, map[time.Time]bool{slot: true}, s.slots, "what runs is told though it is older")
	require.Equal(t, active{slot, mine.token, "i-1", s.active.left}, *s.active)
	require.InDelta(t, lease.Seconds(), s.active.left.Seconds(), 5)
	s, err = r.state(ctx, "b", slot)
	require.NoError(t, err)
	require.InDelta(t, -1, s.active.left.Seconds(), 5)
	require.Negative(t, s.active.left)

	is(true)(r.renew(ctx, mine, 2*lease))
	is(true)(r.renew(ctx, mine, 2*lease))
	is(false)(r.renew(ctx, claim{"a", slot, newer}, lease))
	is(false)(r.renew(ctx, claim{"a", next, mine.token}, lease))
	s, err = r.state(ctx, "a", slot)
	require.NoError(t, err)
	require.InDelta(t, 2*lease.Seconds(), s.active.left.Seconds(), 5)

	is(false)(r.lose(ctx, mine, "gone")) // its lease has not passed
	is(false)(r.lose(ctx, claim{"b", slot, newer}, "gone"))
	is(true)(r.lose(ctx, claim{"b", slot, stale}, "gone"))
	is(false)(r.lose(ctx, claim{"b", slot, stale}, "gone"))
	is(false)(r.renew(ctx, claim{"b", slot, stale}, lease))
	is(false)(r.finish(ctx, claim{"b", slot, stale}, outcome{status: Succeeded}))

	failed := outcome{status: Failed, seconds: 1.5, exit: new(7), reason: "it's Ünwell"}
	is(false)(r.finish(ctx, claim{"a", slot, newer}, failed))
	is(true)(r.finish(ctx, mine, failed))
	is(true)(r.finish(ctx, mine, failed)) // the answer to the first did not arrive
	is(false)(r.finish(ctx, mine, outcome{status: Succeeded}))
	is(false)(r.begin(ctx, claim{"a", next, stale}, "i-0", lease)) // the token is behind
	is(true)(r.begin(ctx, claim{"a", next, newer}, "i-2", lease))
	is(true)(r.finish(ctx, claim{"a", next, newer}, outcome{status: Lost, seconds: 1}))

	old := slot.Add(-60 * 24 * time.Hour)
	var missed []time.Time
	for i := range missedAtOnce {
		missed = append(missed, old.Add(time.Duration(i)*time.Second))
	}
	require.NoError(t, r.missed(ctx, "a", newer, "i-2", append(missed[:missedAtOnce-1:missedAtOnce-1], slot)), "one of them has a record")
	require.NoError(t, r.missed(ctx, "a", newer, "i-2", missed))

	runs, err = r.List(ctx, "a", false, 3)
	require.NoError(t, err)
	require.Len(t, runs, 3)
	require.Equal(t, next, runs[0].Slot)
	require.Equal(t, Lost, runs[0].Status)
	require.Nil(t, runs[0].Exit)
	got := runs[1]
	require.WithinRange(t, *got.StartedAt, now.Add(-5*time.Second), now.Add(30*time.Second))
	require.WithinRange(t, *got.FinishedAt, *got.StartedAt, now.Add(30*time.Second))
	got.StartedAt, got.FinishedAt = nil, nil
	require.Equal(t, Run{Job: "a", Slot: slot, Token: mine.token, Instance: "i-1", Status: Failed, Seconds: new(1.5), Exit: new(7), Reason: "it's Ünwell"}, got)
	require.Equal(t, Missed, runs[2].Status)
	require.Nil(t, runs[2].StartedAt)
	require.Equal(t, missed[missedAtOnce-1], runs[2].Slot)
	runs, err = r.List(ctx, "", true, 1000)
	require.NoError(t, err)
	require.Len(t, runs, missedAtOnce+3)

	removed, err := r.trim(ctx, "b", keepFor)
	require.NoError(t, err)
	require.Zero(t, removed, "there are few")
	removed, err = r.trim(ctx, "a", 90*24*time.Hour)
	require.NoError(t, err)
	require.Zero(t, removed, "they are young")
	removed, err = r.trim(ctx, "a", keepFor)
	require.NoError(t, err)
	require.EqualValues(t, missedAtOnce+2-keepAlways, removed)
	runs, err = r.List(ctx, "a", false, 1000)
	require.NoError(t, err)
	require.Len(t, runs, keepAlways)
}
