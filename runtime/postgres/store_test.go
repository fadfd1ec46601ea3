package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/runtime/tenant"
)

// id makes ids that grow, as callers do.
func id() string { return uuid.Must(uuid.NewV7()).String() }

// noID is well formed and nobody's.
const noID = "01900000-0000-7000-8000-000000000000"

// store is a migrated database.
type store struct {
	*postgres.DB
	t        testing.TB
	ctx      context.Context
	server   *pgtest.Server
	password *vault
	seen     *statements
}

func newStore(t testing.TB) *store { return newStoreOn(t, pgtest.Start(t), nil) }

func newStoreOn(t testing.TB, server *pgtest.Server, mutate func(*postgres.Options)) *store {
	t.Helper()
	s := &store{t: t, server: server, password: &vault{}, seen: &statements{}}
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	s.password.put(server.Password)
	o := postgres.Options{
		Host: server.Host, Port: server.Port, Name: pgtest.Database, AppName: "test", Tracer: s.seen,
		Login: secrets.New(s.password.read, secrets.DecodeLogin, 0),
	}
	if mutate != nil {
		mutate(&o)
	}
	db, err := postgres.Open(s.ctx, o)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s.DB = db
	require.NoError(t, db.Migrate(s.ctx))
	return s
}

// shared is one server for all tests that need nothing special; each has tenants of its own.
var shared struct {
	once  sync.Once
	store *store
}

// tenantOf makes a tenant with an unused id in the shared store.
func sharedStore(t testing.TB) *store {
	t.Helper()
	shared.once.Do(func() { shared.store = newStore(processTB{TB: t}) })
	if shared.store == nil {
		t.Skip("no PostgreSQL, as said above")
	}
	s := *shared.store
	s.t = t
	return &s
}

// processTB lives as long as the process: what a test cleans up in the end, TestMain does.
type processTB struct{ testing.TB }

var atTheEnd []func()

func (processTB) Cleanup(f func()) { atTheEnd = append(atTheEnd, f) }

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.store != nil && code == 0 {
		if err := shared.store.seen.audit(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	for i := len(atTheEnd) - 1; i >= 0; i-- {
		atTheEnd[i]()
	}
	os.Exit(code)
}

func (s *store) tenant() string {
	s.t.Helper()
	t := tenant.Tenant{ID: "t-" + id(), Name: "A tenant", CreatedAt: time.Now()}
	require.NoError(s.t, s.CreateTenant(s.ctx, t))
	return t.ID
}

func (s *store) course(tenantID string) content.Course {
	s.t.Helper()
	c := content.Course{ID: id(), TenantID: tenantID, CreatedAt: now()}
	require.NoError(s.t, s.CreateCourse(s.ctx, c))
	return c
}

// now has the precision that the database keeps.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// leased makes an import of the course that a worker has begun.
func (s *store) leased(tenantID, courseID string) (string, int64) {
	s.t.Helper()
	i := content.Import{ID: id(), TenantID: tenantID, CourseID: courseID, FileName: "course.zip", CreatedAt: now()}
	require.NoError(s.t, s.CreateImport(s.ctx, i))
	require.NoError(s.t, s.QueueImport(s.ctx, tenantID, i.ID))
	_, token, ok, err := s.LeaseImport(s.ctx, tenantID, i.ID, time.Minute)
	require.NoError(s.t, err)
	require.True(s.t, ok)
	return i.ID, token
}

// publish gives a course its next version.
func (s *store) publish(tenantID, courseID string) content.Version {
	s.t.Helper()
	importID, token := s.leased(tenantID, courseID)
	v := content.Version{
		TenantID: tenantID, CourseID: courseID, ContentID: id(), Files: 3, Bytes: 1 << 33, CreatedAt: now(),
		Structure: content.Structure{Standard: content.SCORM12, ID: "golf", Title: "Golf", Root: content.Activity{ID: "item_1", Launch: "index.html"}},
	}
	_, err := s.FinishImport(s.ctx, tenantID, importID, token, content.Report{Standard: content.SCORM12}, &v)
	require.NoError(s.t, err)
	return v
}

func (s *store) register(tenantID, courseID, learner string) registration.Registration {
	s.t.Helper()
	r, created, err := s.CreateRegistration(s.ctx, registration.Registration{
		ID: id(), TenantID: tenantID, CourseID: courseID, Learner: registration.Learner{ID: learner, Name: "Doe, Jo"}, CreatedAt: now(),
	})
	require.NoError(s.t, err)
	require.True(s.t, created)
	return r
}

// learner is somebody with an attempt.
type learner struct {
	*store
	tenantID, courseID, registrationID, attemptID string
}

func (s *store) learner() *learner {
	s.t.Helper()
	t := s.tenant()
	c := s.course(t)
	s.publish(t, c.ID)
	return s.learnerOf(t, c.ID)
}

func (s *store) learnerOf(tenantID, courseID string) *learner {
	s.t.Helper()
	r := s.register(tenantID, courseID, "learner-"+id())
	list, err := s.Attempts(s.ctx, tenantID, r.ID, postgres.Page{Limit: 2})
	require.NoError(s.t, err)
	require.Len(s.t, list.Items, 1)
	return &learner{store: s, tenantID: tenantID, courseID: courseID, registrationID: r.ID, attemptID: list.Items[0].ID}
}

// created makes a launch that nobody has opened.
func (l *learner) created(mode launch.Mode) launch.Launch {
	l.t.Helper()
	x := launch.Launch{
		ID: id(), TenantID: l.tenantID, RegistrationID: l.registrationID, AttemptID: l.attemptID, CourseID: l.courseID, Version: 1,
		Mode: mode, ReturnURL: "https://lms.example/back", CreatedAt: now(), LinkExpiresAt: now().Add(launch.LinkLife),
	}
	require.NoError(l.t, l.CreateLaunch(l.ctx, x))
	return x
}

func (l *learner) opened() launch.Launch {
	l.t.Helper()
	x, err := l.OpenLaunch(l.ctx, l.tenantID, l.created(launch.ModeNormal).ID, now(), time.Hour)
	require.NoError(l.t, err)
	return x
}

// says is a commit of the launch with this much in it.
func (l *learner) says(x launch.Launch, sequence int64, completion attempt.Completion, scaled float64) attempt.Commit {
	r := attempt.Result{Completion: completion, Success: attempt.SuccessUnknown, Score: &attempt.Score{Scaled: &scaled}, TotalSeconds: float64(sequence)}
	return attempt.Commit{
		TenantID: l.tenantID, AttemptID: l.attemptID, LaunchID: x.ID, Fence: x.Fence, Sequence: sequence, ActivityID: "item_1",
		CMI: map[string]string{"cmi.suspend_data": fmt.Sprintf("%d/%d", x.Fence, sequence)}, Activity: r, Course: r,
		State: json.RawMessage(fmt.Sprintf(`{"at":"%d/%d"}`, x.Fence, sequence)),
	}
}

func (l *learner) commit(c attempt.Commit) attempt.Outcome {
	l.t.Helper()
	o, err := l.Commit(l.ctx, c)
	require.NoError(l.t, err)
	return o
}

func (l *learner) attempt() attempt.Attempt {
	l.t.Helper()
	a, err := l.Attempt(l.ctx, l.tenantID, l.attemptID)
	require.NoError(l.t, err)
	return a
}

func (l *learner) activities() map[string]attempt.ActivityState {
	l.t.Helper()
	list, err := l.Activities(l.ctx, l.tenantID, l.attemptID)
	require.NoError(l.t, err)
	m := map[string]attempt.ActivityState{}
	for _, a := range list {
		m[a.ActivityID] = a
	}
	return m
}

// statements is a tracer that keeps each different statement.
type statements struct {
	mu  sync.Mutex
	sql map[string]int
}

func (s *statements) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sql == nil {
		s.sql = map[string]int{}
	}
	s.sql[sql]++
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.add(d.SQL)
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	s.add(d.SQL)
}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
