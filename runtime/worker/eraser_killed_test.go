package worker_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/worker"
)

// haltingAt stops the process before its n-th statement.
type haltingAt struct{ at, seen int64 }

func (h *haltingAt) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if atomic.AddInt64(&h.seen, 1) == h.at {
		stopHere()
	}
	return ctx
}
func (h *haltingAt) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func stopHere() {
	fmt.Println("here")
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	time.Sleep(time.Minute) // threads stop one after another
}

// haltingRemoval stops the process after half of its n-th removal.
type haltingRemoval struct {
	objectstore.Port
	at, seen int
}

func (h *haltingRemoval) DeletePrefix(ctx context.Context, prefix string) error {
	if h.seen++; h.seen == h.at {
		stopHere()
	}
	return h.Port.DeletePrefix(ctx, prefix)
}

// erase does all there is to do, with a settling that takes no time.
func (o order) erase(ctx context.Context, db *postgres.DB, store objectstore.Port) error {
	eraser := &worker.Eraser{
		DB: db, Store: &haltingRemoval{Port: store, at: o.Removal}, Settle: time.Nanosecond, Log: slog.New(slog.DiscardHandler),
	}
	return eraser.Round(ctx)
}

// testAnEraserIsKilledAnywhereAndAnotherFinishes sends SIGKILL before every statement, and before every removal of objects, that
// erasing a course takes. However far it was, the next one finishes, nothing is left, and the receipt counts everything once.
func testAnEraserIsKilledAnywhereAndAnotherFinishes(t *testing.T, e *engine) {
	e.exec("INSERT INTO webhooks (tenant_id, id, url, events, secret_version, active, created_at) VALUES ('acme', gen_random_uuid(), 'https://a.example', '{}', 1, true, now())")
	killed := map[string]int{}
	for _, kind := range []string{"statement", "removal"} {
		for n := 1; ; n++ {
			id := e.erasingCourse()
			o := order{Statement: n}
			if kind == "removal" {
				o = order{Removal: n}
			}
			cmd, line := e.begin(o)
			if line == "here\n" {
				require.NoError(t, cmd.Process.Kill()) // SIGKILL
				killed[kind]++
			}
			_ = cmd.Wait() // it was killed, or has ended
			e.finishErasure(id)
			if line == "" {
				break // it came to its end
			}
		}
	}
	t.Logf("killed at %d statements and at %d removals", killed["statement"], killed["removal"])
	require.Greater(t, killed["statement"], 30)
	require.Greater(t, killed["removal"], 4)
}

// testAnErasedCourseEndsItsImport: a worker that stores files at this moment learns of it and removes them, and what a worker
// leaves that dies before is removed when the erasure looks once more.
func testAnErasedCourseEndsItsImport(t *testing.T, e *engine) {
	for _, end := range []syscall.Signal{syscall.SIGCONT, syscall.SIGKILL} {
		e.course = newID()
		importID := e.uploadBytes("x.zip", course(t, "", 100))
		cmd := e.process(importID, atStore)
		require.Greater(t, e.objects(), 10, "it has stored something")
		begun, err := e.db.BeginErasure(t.Context(), erasure.Erasure{ID: newID(), TenantID: acme, Kind: erasure.Course, Subject: e.course}, false)
		require.NoError(t, err)
		eraser := &worker.Eraser{DB: e.db, Store: e.store, Settle: time.Hour, Log: quiet()}
		require.NoError(t, eraser.Round(t.Context()))
		require.Zero(t, e.objects())
		require.NoError(t, cmd.Process.Signal(end))
		_ = cmd.Wait() // its exit code is of no interest
		if end == syscall.SIGKILL {
			left := content.FilePrefix(acme, content.AttemptID(importID, 1)) + "late.html" // what it was writing
			require.NoError(t, e.store.Put(t.Context(), left, strings.NewReader("x"), 1, ""))
			e.exec("UPDATE erasures SET due_at = now() WHERE finished_at IS NULL")
			require.NoError(t, eraser.Round(t.Context()))
			got, err := e.db.Erasure(t.Context(), acme, begun.ID)
			require.NoError(t, err)
			require.Equal(t, erasure.Finished, got.State)
		}
		require.Zero(t, e.objects(), "after %s", end)
	}
}

// erasingCourse is a course with a learner who has been everywhere, that is about to be erased.
func (e *engine) erasingCourse() (id string) {
	e.t.Helper()
	ctx, now := e.t.Context(), time.Now()
	require.Zero(e.t, e.objects())
	e.course = newID()
	importID := e.uploadBytes("x.zip", course(e.t, "", 2))
	require.NoError(e.t, e.importer(e.store).Import(ctx, acme, importID))
	_, v := e.result(importID)
	r, _, err := e.db.CreateRegistration(ctx, registration.Registration{ID: newID(), TenantID: acme, CourseID: e.course, Learner: registration.Learner{ID: "jane"}, CreatedAt: now})
	require.NoError(e.t, err)
	list, err := e.db.Attempts(ctx, acme, r.ID, postgres.Page{})
	require.NoError(e.t, err)
	l := launch.Launch{ID: newID(), TenantID: acme, RegistrationID: r.ID, AttemptID: list.Items[0].ID, CourseID: e.course, Version: v.Number, Mode: launch.ModeNormal, CreatedAt: now, LinkExpiresAt: now.Add(time.Minute)}
	require.NoError(e.t, e.db.CreateLaunch(ctx, l))
	l, err = e.db.OpenLaunch(ctx, acme, l.ID, now, time.Hour)
	require.NoError(e.t, err)
	_, err = e.db.Commit(ctx, attempt.Commit{
		TenantID: acme, AttemptID: l.AttemptID, LaunchID: l.ID, Fence: l.Fence, Sequence: 1, ActivityID: "item", Course: attempt.Result{Completion: attempt.CompletionCompleted},
	})
	require.NoError(e.t, err)
	_, err = e.db.ExpandEvents(ctx, 100)
	require.NoError(e.t, err)
	archived := erasure.ArchiveKey(acme, e.course, erasure.HashLearner(acme, "joe"), newID())
	require.NoError(e.t, e.store.Put(ctx, archived, strings.NewReader("x"), 1, ""))
	begun, err := e.db.BeginErasure(ctx, erasure.Erasure{ID: newID(), TenantID: acme, Kind: erasure.Course, Subject: e.course}, true)
	require.NoError(e.t, err)
	return begun.ID
}

// finishErasure lets another worker go on, as when the lease has ended, and looks at what is left.
func (e *engine) finishErasure(id string) {
	e.t.Helper()
	ctx := e.t.Context()
	eraser := &worker.Eraser{DB: e.db, Store: e.store, Settle: time.Nanosecond, Log: quiet()}
	var got erasure.Erasure
	for range 3 {
		e.exec("UPDATE erasures SET due_at = now() WHERE finished_at IS NULL")
		require.NoError(e.t, eraser.Round(ctx))
		var err error
		got, err = e.db.Erasure(ctx, acme, id)
		require.NoError(e.t, err)
	}
	require.Equal(e.t, erasure.Finished, got.State)
	require.Equal(e.t, erasure.Counts{
		Courses: 1, Versions: 1, Files: 4, Imports: 1, Registrations: 1, Attempts: 1, Activities: 1, Launches: 1, Events: 1, Deliveries: 1,
	}, got.Removed)
	require.Zero(e.t, e.objects())
	left, err := e.db.Registrations(postgres.FromPrimary(ctx), acme, postgres.RegistrationFilter{}, postgres.Page{})
	require.NoError(e.t, err)
	require.Empty(e.t, left.Items)
}
