package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/worker"
)

func testTheSweeper(t *testing.T, e *engine) {
	q, shared := newQueue(), cache.NewEmbedded(1<<20)
	sweeper := func() *worker.Sweeper {
		keeper := &worker.Keeper{DB: e.db, Store: e.store, Log: quiet()}
		return &worker.Sweeper{DB: e.db, Cache: shared, Queue: q, Every: time.Minute, Keeper: keeper, Log: quiet()}
	}
	long := func(id string) {
		e.exec("UPDATE imports SET queued_at = now() - interval '2 minutes' WHERE id = '" + id + "'")
	}
	waiting := func() int {
		n, _ := stats(t, q)
		return n
	}
	stranded := e.uploadBytes("x.zip", []byte("no zip"))
	fresh := e.uploadBytes("x.zip", []byte("no zip"))
	held := e.uploadBytes("x.zip", []byte("no zip"))
	done := e.uploadBytes("x.zip", []byte("no zip"))
	for _, id := range []string{stranded, held, done} {
		long(id)
	}
	_, _, ok, err := e.db.LeaseImport(t.Context(), acme, held, time.Hour)
	require.NoError(t, err)
	require.True(t, ok)
	im := e.importer(e.store)
	require.NoError(t, im.Import(t.Context(), acme, done))
	require.NoError(t, im.Import(t.Context(), acme, held), "a second message for what somebody works on")
	i, _ := e.result(held)
	require.Equal(t, 1, i.Attempts)

	require.NoError(t, sweeper().Sweep(t.Context()))
	require.Equal(t, 1, waiting())
	m, err := q.Receive(t.Context(), 10, 0)
	require.NoError(t, err)
	require.JSONEq(t, `{"kind":"import","tenant":"acme","id":"`+stranded+`"}`, string(m[0].Body))
	long(fresh)
	require.NoError(t, sweeper().Sweep(t.Context()))
	require.Zero(t, waiting(), "another instance swept just now")

	abandoned := content.Import{ID: newID(), TenantID: acme, CourseID: e.course, FileName: "x.zip", CreatedAt: time.Now().AddDate(0, 0, -8)}
	require.NoError(t, e.db.CreateImport(t.Context(), abandoned))
	require.NoError(t, e.store.Put(t.Context(), content.UploadKey(acme, abandoned.ID), strings.NewReader("x"), 1, ""))
	before := e.objects()

	e.exec("UPDATE events SET expanded = true, occurred_at = now() - interval '31 days'")
	shared = cache.NewEmbedded(1 << 20)
	for range 100 {
		require.NoError(t, worker.Send(t.Context(), q, worker.Message{Kind: "other"}))
	}
	require.NoError(t, sweeper().Sweep(t.Context()))
	require.Equal(t, 100, waiting(), "a long queue is no reason to make it longer")
	e.exec("DO $$ BEGIN IF EXISTS (SELECT FROM events) THEN RAISE 'old events are kept'; END IF; END $$")
	_, err = e.db.Import(t.Context(), acme, abandoned.ID)
	require.Equal(t, fault.NotFound, fault.CodeOf(err), "nobody uploads it any more")
	require.Equal(t, before-1, e.objects())
}
