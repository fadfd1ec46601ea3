package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

// erase goes through all batches of an erasure.
func (s *store) erase(e erasure.Erasure) erasure.Erasure {
	s.t.Helper()
	e.ID = id()
	e, err := s.BeginErasure(s.ctx, e, true)
	require.NoError(s.t, err)
	for more := true; more; {
		e, more, err = s.EraseRows(s.ctx, e.TenantID, e.ID, time.Minute)
		require.NoError(s.t, err)
	}
	require.NoError(s.t, s.SettleErasure(s.ctx, e.TenantID, e.ID, 0))
	require.NoError(s.t, s.FinishErasure(s.ctx, e.TenantID, e.ID))
	e, err = s.Erasure(s.ctx, e.TenantID, e.ID)
	require.NoError(s.t, err)
	return e
}

// busy is a tenant with one of everything.
func (s *store) busy() *learner {
	s.t.Helper()
	l := s.learner()
	x := l.opened()
	l.commit(l.says(x, 1, completed, .5))
	require.NoError(s.t, s.CreateLaunch(s.ctx, launch.Launch{ID: id(), TenantID: l.tenantID, CourseID: l.courseID, Version: 1, Mode: launch.ModeBrowse, CreatedAt: now(), LinkExpiresAt: now()}))
	s.webhook(l.tenantID)
	s.expand()
	require.NoError(s.t, s.CreateKey(s.ctx, tenant.Key{ID: id(), TenantID: l.tenantID, Scopes: []tenant.Scope{}, CreatedAt: now()}, []byte("hash")))
	s.remember(l.tenantID, "key", "print")
	return l
}

func TestATenantIsErasedAndItsIDComesBackAfterwards(t *testing.T) {
	s := sharedStore(t)
	a, b := s.busy(), s.busy()
	before := snapshotOf(s, b)
	e, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: a.tenantID, Kind: erasure.Tenant, Subject: a.tenantID}, true)
	require.NoError(t, err)
	keys, err := s.Keys(s.ctx, a.tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, keys.Items, "its keys end at once")
	again, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: a.tenantID, Kind: erasure.Tenant, Subject: a.tenantID}, true)
	require.NoError(t, err)
	require.Equal(t, e.ID, again.ID)

	e = s.erase(erasure.Erasure{TenantID: a.tenantID, Kind: erasure.Tenant, Subject: a.tenantID})
	require.Equal(t, erasure.Counts{
		Registrations: 1, Attempts: 1, Activities: 1, Launches: 2, Events: 2, Deliveries: 2, Answers: 1, Courses: 1, Versions: 1, Files: 3, Imports: 1, Webhooks: 1, Keys: 1,
	}, e.Removed)
	require.Equal(t, erasure.Finished, e.State)
	_, err = s.Commit(s.ctx, a.says(launch.Launch{ID: id(), Fence: 1}, 2, completed, .5))
	require.Equal(t, fault.NotFound, fault.CodeOf(err))
	require.NoError(t, s.CreateTenant(s.ctx, tenant.Tenant{ID: a.tenantID, Name: "Another", CreatedAt: now()}))
	require.Equal(t, before, snapshotOf(s, b), "nothing of another tenant has changed")
}

func TestATenantsIDIsTakenWhileItIsErased(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	e, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: tenantID, Kind: erasure.Tenant, Subject: tenantID}, true)
	require.NoError(t, err)
	_, _, err = s.EraseRows(s.ctx, tenantID, e.ID, time.Minute)
	require.NoError(t, err)
	made := s.CreateTenant(s.ctx, tenant.Tenant{ID: tenantID, Name: "Another", CreatedAt: now()})
	require.Equal(t, fault.Conflict, fault.CodeOf(made), "its objects may still be removed")
	require.NoError(t, s.FinishErasure(s.ctx, tenantID, e.ID))
	require.NoError(t, s.CreateTenant(s.ctx, tenant.Tenant{ID: tenantID, Name: "Another", CreatedAt: now()}))
}

func TestMuchIsErasedInBatches(t *testing.T) {
	s := sharedStore(t)
	a := s.learner()
	const many = 450
	for range many {
		s.learnerOf(a.tenantID, a.courseID)
	}
	e, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: a.tenantID, Kind: erasure.Course, Subject: a.courseID}, true)
	require.NoError(t, err)
	rounds := 0
	for more := true; more; rounds++ {
		e, more, err = s.EraseRows(s.ctx, a.tenantID, e.ID, time.Minute)
		require.NoError(t, err)
	}
	require.Equal(t, 3, rounds)
	require.EqualValues(t, many+1, e.Removed.Registrations)
	require.Len(t, e.Prefixes, 4, "the archive, the upload, what its worker stored and the version")
}

func TestAnErasureIsClaimedByOneAndComesUpAgain(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	e, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: tenantID, Kind: erasure.Learner, Secret: "jane"}, true)
	require.NoError(t, err)
	claim := func(lease time.Duration) bool {
		list, err := s.ClaimErasures(s.ctx, lease, 1000)
		require.NoError(t, err)
		for _, c := range list {
			if c.ID == e.ID {
				require.Equal(t, "jane", c.Secret)
				return true
			}
		}
		return false
	}
	require.True(t, claim(0))
	require.True(t, claim(time.Minute), "whoever had it before is dead")
	require.False(t, claim(time.Minute))
	require.NoError(t, s.SettleErasure(s.ctx, tenantID, e.ID, 0))
	require.True(t, claim(time.Minute))
	require.NoError(t, s.FinishErasure(s.ctx, tenantID, e.ID))
	require.NoError(t, s.FinishErasure(s.ctx, tenantID, e.ID))
	got, err := s.Erasure(s.ctx, tenantID, e.ID)
	require.NoError(t, err)
	require.Empty(t, got.Secret, "a receipt has no learner's id")
	require.Empty(t, got.Needles)
	require.NotNil(t, got.FinishedAt)
	list, err := s.Erasures(s.ctx, tenantID, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
}

// TestCommitsAndErasuresMeet: whoever comes first, nothing is left in the end, and nobody waits for ever.
func TestCommitsAndErasuresMeet(t *testing.T) {
	s := sharedStore(t)
	a := s.learner()
	for range 20 {
		l := s.learnerOf(a.tenantID, a.courseID)
		x := l.opened()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := int64(1); ; n++ {
				if _, err := l.Commit(l.ctx, l.says(x, n, incomplete, float64(n%100)/100)); err != nil {
					require.Equal(t, fault.NotFound, fault.CodeOf(err), "%v", err) //nolint:testifylint // it ends this loop either way
					return
				}
			}
		}()
		time.Sleep(10 * time.Millisecond)
		e := s.erase(erasure.Erasure{TenantID: l.tenantID, Kind: erasure.Registration, Subject: l.registrationID})
		require.EqualValues(t, 1, e.Removed.Registrations)
		<-done
		require.Empty(t, l.activities())
	}
}

func TestOldAttemptsAreFoundByTheirIds(t *testing.T) {
	s := sharedStore(t)
	a := s.busy()
	none, err := s.OldAttempts(s.ctx, a.tenantID, now().Add(-time.Hour), 10)
	require.NoError(t, err)
	require.Empty(t, none)
	later := now().Add(time.Hour)
	old, err := s.OldAttempts(s.ctx, a.tenantID, later, 10)
	require.NoError(t, err)
	require.Len(t, old, 1)
	require.Equal(t, a.attemptID, old[0].Attempt.ID)
	require.NoError(t, s.SetRetention(s.ctx, a.tenantID, postgres.Retention{KeepMonths: 7, Archive: true}))
	all, err := s.Retentions(s.ctx)
	require.NoError(t, err)
	require.Equal(t, postgres.Retention{KeepMonths: 7, Archive: true}, all[a.tenantID])

	require.NoError(t, s.MarkArchived(s.ctx, old[0]))
	var kinds []string
	require.NoError(t, s.ArchiveRecords(s.ctx, old[0], func(r postgres.Record) error { kinds = append(kinds, r.Record); return nil }))
	require.Equal(t, []string{"registration", "attempt", "activity", "event", "launch"}, kinds)
	gone, err := s.ForgetAttempt(s.ctx, a.tenantID, a.attemptID, now().Add(-time.Hour))
	require.NoError(t, err)
	require.False(t, gone, "somebody went on with it")
	require.NoError(t, s.UnmarkArchived(s.ctx, a.tenantID, a.attemptID))
	require.NoError(t, s.MarkArchived(s.ctx, old[0]))
	gone, err = s.ForgetAttempt(s.ctx, a.tenantID, a.attemptID, later)
	require.NoError(t, err)
	require.True(t, gone)
	n, err := s.ForgetOld(s.ctx, a.tenantID, later, 10)
	require.NoError(t, err)
	require.EqualValues(t, 2, n, "the registration and the preview")
	e := s.erase(erasure.Erasure{TenantID: a.tenantID, Kind: erasure.Learner, Secret: old[0].Registration.Learner.ID})
	require.Equal(t, erasure.Counts{Archives: 1}, e.Removed)
	require.Equal(t, fault.NotFound, fault.CodeOf(s.MarkArchived(s.ctx, old[0])), "it was erased meanwhile")
}

// TestNobodyErasesForAnother calls what erases for tenant B with the ids of tenant A.
func TestNobodyErasesForAnother(t *testing.T) {
	s := sharedStore(t)
	a, b := s.busy(), s.tenant()
	s.publish(a.tenantID, a.courseID)
	e, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: a.tenantID, Kind: erasure.Learner, Secret: "nobody"}, true)
	require.NoError(t, err)
	old, err := s.OldAttempts(s.ctx, a.tenantID, now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.NoError(t, s.MarkArchived(s.ctx, old[0]))
	before := snapshotOf(s, a)
	begin := func(kind erasure.Kind, subject string, version int) error {
		_, err := s.BeginErasure(s.ctx, erasure.Erasure{ID: id(), TenantID: b, Kind: kind, Subject: subject, Version: version}, true)
		return err
	}
	foreign := old[0]
	foreign.Attempt.TenantID = b
	for name, err := range map[string]error{
		"attempt": begin(erasure.Attempt, a.attemptID, 0), "registration": begin(erasure.Registration, a.registrationID, 0),
		"course": begin(erasure.Course, a.courseID, 0), "version": begin(erasure.Version, a.courseID, 1),
		"Erasure": errorOf(s.Erasure(s.ctx, b, e.ID)), "Settle": s.SettleErasure(s.ctx, b, e.ID, 0), "Finish": s.FinishErasure(s.ctx, b, e.ID),
		"EraseRows": func() error { _, _, err := s.EraseRows(s.ctx, b, e.ID, time.Minute); return err }(),
		"Mark":      s.MarkArchived(s.ctx, foreign),
	} {
		require.Equal(t, fault.NotFound, fault.CodeOf(err), "%s: %v", name, err)
	}
	require.NoError(t, s.UnmarkArchived(s.ctx, b, a.attemptID))
	gone, err := s.ForgetAttempt(s.ctx, b, a.attemptID, now().Add(time.Hour))
	require.NoError(t, err)
	require.False(t, gone)
	n, err := s.ForgetOld(s.ctx, b, now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	s.erase(erasure.Erasure{TenantID: b, Kind: erasure.Learner, Secret: old[0].Registration.Learner.ID})
	s.erase(erasure.Erasure{TenantID: b, Kind: erasure.Tenant, Subject: b})
	require.Equal(t, before, snapshotOf(s, a))
	require.Equal(t, 1, length(s.Erasures(s.ctx, a.tenantID, postgres.Page{})))
	archived := 0
	require.NoError(t, s.EachArchived(s.ctx, a.tenantID, "", func(postgres.Archived) error { archived++; return nil }))
	require.Equal(t, 1, archived)
}

// snapshotOf is what a tenant has.
func snapshotOf(s *store, l *learner) []any {
	s.t.Helper()
	var all []any
	add := func(v any, err error) {
		s.t.Helper()
		require.NoError(s.t, err)
		all = append(all, v)
	}
	add(s.Keys(s.ctx, l.tenantID, postgres.Page{}))
	add(s.Courses(s.ctx, l.tenantID, postgres.Page{}))
	add(s.Imports(s.ctx, l.tenantID, postgres.Page{}))
	add(s.Webhooks(s.ctx, l.tenantID, postgres.Page{}))
	var records []postgres.Record
	require.NoError(s.t, s.EachRegistration(s.ctx, l.tenantID, postgres.RegistrationFilter{}, func(r registration.Registration) error {
		return s.RegistrationRecords(s.ctx, r, func(x postgres.Record) error { records = append(records, x); return nil })
	}))
	require.NoError(s.t, s.EachCourse(s.ctx, l.tenantID, func(content.Course) error { return nil }, func(v content.Version) error {
		all = append(all, v)
		return nil
	}))
	return append(all, records)
}
