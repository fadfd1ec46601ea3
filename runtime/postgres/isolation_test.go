package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

// Every method is called for tenant B with the ids of tenant A. None may find, list or change anything. (Commit is in
// TestCommitsThatCannotBe; the statements themselves are audited at the end of the tests.)
func TestNoTenantReachesAnother(t *testing.T) {
	s := sharedStore(t)
	a, b := s.learner(), s.tenant()
	x := a.opened()
	a.commit(a.says(x, 1, incomplete, .5))
	closed := a.created(launch.ModeNormal)
	importID, token := s.leased(a.tenantID, a.courseID)
	w := s.webhook(a.tenantID)
	key := tenant.Key{ID: id(), TenantID: a.tenantID, Scopes: []tenant.Scope{}, CreatedAt: now()}
	require.NoError(t, s.CreateKey(s.ctx, key, []byte("hash")))
	s.remember(a.tenantID, "key", "A's")
	s.publish(a.tenantID, a.courseID)
	s.expand()
	deliveries, err := s.Deliveries(s.ctx, a.tenantID, w.ID, postgres.Page{})
	require.NoError(t, err)
	require.NotEmpty(t, deliveries.Items)
	before := snapshot(s, a, w.ID, importID)

	foreign := deliveries.Items[0]
	foreign.TenantID = b
	for name, call := range map[string]func() error{
		"TouchKey":     func() error { return s.TouchKey(s.ctx, b, key.ID, now()) },
		"RevokeKey":    func() error { return s.RevokeKey(s.ctx, b, key.ID, now()) },
		"UpdateCourse": func() error { return s.UpdateCourse(s.ctx, content.Course{TenantID: b, ID: a.courseID, Title: "B's"}) },
		"Course":       func() error { _, err := s.Course(s.ctx, b, a.courseID); return err },
		"Version":      func() error { _, err := s.Version(s.ctx, b, a.courseID, 1); return err },
		"CreateImport": func() error {
			return s.CreateImport(s.ctx, content.Import{ID: id(), TenantID: b, CourseID: a.courseID, CreatedAt: now()})
		},
		"Import":        func() error { _, err := s.Import(s.ctx, b, importID); return err },
		"QueueImport":   func() error { return s.QueueImport(s.ctx, b, importID) },
		"LeaseImport":   func() error { _, _, _, err := s.LeaseImport(s.ctx, b, importID, time.Minute); return err },
		"FinishImport":  func() error { _, err := s.FinishImport(s.ctx, b, importID, token, content.Report{}, nil); return err },
		"Registration":  func() error { _, err := s.Registration(s.ctx, b, a.registrationID); return err },
		"CreateAttempt": func() error { _, err := s.CreateAttempt(s.ctx, b, a.registrationID); return err },
		"Attempt":       func() error { _, err := s.Attempt(s.ctx, b, a.attemptID); return err },
		"OpenLaunch":    func() error { _, err := s.OpenLaunch(s.ctx, b, closed.ID, now(), time.Hour); return err },
		"Launch":        func() error { _, err := s.Launch(s.ctx, b, x.ID); return err },
		"UpdateWebhook": func() error {
			return s.UpdateWebhook(s.ctx, postgres.Webhook{ID: w.ID, TenantID: b, URL: "https://b.example"})
		},
		"DeleteWebhook":  func() error { return s.DeleteWebhook(s.ctx, b, w.ID) },
		"Webhook":        func() error { _, err := s.Webhook(s.ctx, b, w.ID); return err },
		"SettleDelivery": func() error { return s.SettleDelivery(s.ctx, foreign, 200, "", nil) },
		"CreateRegistration": func() error {
			_, _, err := s.CreateRegistration(s.ctx, registration.Registration{ID: id(), TenantID: b, CourseID: a.courseID, CreatedAt: now()})
			return err
		},
		"CreateLaunch": func() error {
			return s.CreateLaunch(s.ctx, launch.Launch{ID: id(), TenantID: b, RegistrationID: a.registrationID, AttemptID: a.attemptID, CourseID: a.courseID, Version: 1, CreatedAt: now(), LinkExpiresAt: now()})
		},
	} {
		require.Equal(t, fault.NotFound, fault.CodeOf(call()), name)
	}
	require.Equal(t, fault.Conflict, fault.CodeOf(s.ReportProgress(s.ctx, b, importID, token, content.Progress{}, time.Hour)))
	s.remember(b, "key", "B's") // the same key is another one

	for name, n := range map[string]int{
		"Keys":          length(s.Keys(s.ctx, b, postgres.Page{})),
		"Courses":       length(s.Courses(s.ctx, b, postgres.Page{})),
		"Versions":      length(s.Versions(s.ctx, b, a.courseID, postgres.Page{})),
		"Imports":       length(s.Imports(s.ctx, b, postgres.Page{})),
		"Registrations": length(s.Registrations(s.ctx, b, postgres.RegistrationFilter{CourseID: a.courseID}, postgres.Page{})),
		"Attempts":      length(s.Attempts(s.ctx, b, a.registrationID, postgres.Page{})),
		"Launches":      length(s.Launches(s.ctx, b, a.registrationID, postgres.Page{})),
		"Webhooks":      length(s.Webhooks(s.ctx, b, postgres.Page{})),
		"Deliveries":    length(s.Deliveries(s.ctx, b, w.ID, postgres.Page{})),
	} {
		require.Zero(t, n, name)
	}
	activities, err := s.Activities(s.ctx, b, a.attemptID)
	require.NoError(t, err)
	require.Empty(t, activities)

	require.Equal(t, before, snapshot(s, a, w.ID, importID), "nothing of A has changed")
}

func length[T any](l postgres.List[T], err error) int {
	if err != nil {
		return -1
	}
	return len(l.Items)
}

// snapshot is everything of a tenant that can be read.
func snapshot(s *store, a *learner, webhookID, importID string) []any {
	s.t.Helper()
	var all []any
	add := func(v any, err error) {
		s.t.Helper()
		require.NoError(s.t, err)
		all = append(all, v)
	}
	add(s.Keys(s.ctx, a.tenantID, postgres.Page{}))
	add(s.Courses(s.ctx, a.tenantID, postgres.Page{}))
	add(s.Versions(s.ctx, a.tenantID, a.courseID, postgres.Page{}))
	add(s.Imports(s.ctx, a.tenantID, postgres.Page{}))
	add(s.Registrations(s.ctx, a.tenantID, postgres.RegistrationFilter{}, postgres.Page{}))
	add(s.Attempts(s.ctx, a.tenantID, a.registrationID, postgres.Page{}))
	add(s.Activities(s.ctx, a.tenantID, a.attemptID))
	add(s.Launches(s.ctx, a.tenantID, a.registrationID, postgres.Page{}))
	add(s.Webhooks(s.ctx, a.tenantID, postgres.Page{}))
	add(s.Deliveries(s.ctx, a.tenantID, webhookID, postgres.Page{}))
	claim, r, err := s.Claim(s.ctx, a.tenantID, "key", []byte("B's"))
	require.Nil(s.t, claim)
	add(r, err)
	return all
}

func TestIdsThatAreNoneAreNotFound(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	for _, bad := range []string{"", "1", "'; --", "{01900000-0000-7000-8000-000000000000}", "0190000000007000800000000000000"} {
		for name, err := range map[string]error{
			"Course":  errorOf(s.Course(s.ctx, tenantID, bad)),
			"Import":  errorOf(s.Import(s.ctx, tenantID, bad)),
			"Attempt": errorOf(s.Attempt(s.ctx, tenantID, bad)),
			"Launch":  errorOf(s.Launch(s.ctx, tenantID, bad)),
			"Webhook": errorOf(s.Webhook(s.ctx, tenantID, bad)),
			"Open":    errorOf(s.OpenLaunch(s.ctx, tenantID, bad, now(), time.Hour)),
			"List":    errorOf(s.Attempts(s.ctx, tenantID, bad, postgres.Page{})),
		} {
			require.Equal(t, fault.NotFound, fault.CodeOf(err), "%s %q: %v", name, bad, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }
