package postgres_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
)

type filter = postgres.RegistrationFilter

// listed are the ids of the learners in all pages of a list, which must hold no registration twice.
func (s *store) listed(tenantID string, f filter, limit int) (learners []string, pages int) {
	s.t.Helper()
	seen := map[string]bool{}
	for p := (postgres.Page{Limit: limit}); ; pages++ {
		l, err := s.Registrations(s.ctx, tenantID, f, p)
		require.NoError(s.t, err)
		require.LessOrEqual(s.t, len(l.Items), limit)
		for _, r := range l.Items {
			require.False(s.t, seen[r.ID], "twice in the list")
			seen[r.ID] = true
			learners = append(learners, r.Learner.ID)
		}
		if l.Next == "" {
			return learners, pages + 1
		}
		p.After = l.Next
	}
}

func (s *store) titled(tenantID, title string) content.Course {
	s.t.Helper()
	c := s.course(tenantID)
	s.publish(tenantID, c.ID)
	c.Title = title
	require.NoError(s.t, s.UpdateCourse(s.ctx, c))
	return c
}

func (s *store) named(tenantID, courseID, learnerID, name string) registration.Registration {
	s.t.Helper()
	r, _, err := s.CreateRegistration(s.ctx, registration.Registration{
		ID: id(), TenantID: tenantID, CourseID: courseID, Learner: registration.Learner{ID: learnerID, Name: name}, CreatedAt: now(),
	})
	require.NoError(s.t, err)
	return r
}

func TestRegistrationsAreFoundByWords(t *testing.T) {
	s := sharedStore(t)
	school, other := s.tenant(), s.tenant()
	golf, fire := s.titled(school, "Golf für Anfänger (2024)"), s.titled(school, "Fire safety, part 1")
	s.named(school, golf.ID, "jane@example.org", "Doe, Jane")
	s.named(school, golf.ID, "emp-4711", "O'Brien-Müller, Zoë")
	s.named(school, fire.ID, "user_4712", "ÉLODIE Doering")
	s.named(school, fire.ID, "王五", "王 小明")
	s.named(other, s.titled(other, "Golf").ID, "jane@example.org", "Doe, Jane")

	for search, want := range map[string][]string{
		"jane":             {"jane@example.org"},
		"JANE DOE":         {"jane@example.org"},
		"doe":              {"user_4712", "jane@example.org"},
		"doe jane":         {"jane@example.org"},
		"doe zoë":          {},
		"jane@example.org": {"jane@example.org"},
		"example.org":      {"jane@example.org"},
		"@example":         {"jane@example.org"},
		"ane":              {}, // beginnings of words only
		"4711":             {"emp-4711"},
		"471":              {"user_4712", "emp-4711"},
		"emp-47":           {"emp-4711"},
		"o'brien":          {"emp-4711"},
		"müller":           {"emp-4711"},
		"MÜLL":             {"emp-4711"},
		"mull":             {}, // an accent is a difference
		"élodie":           {"user_4712"},
		"王":                {"王五"},
		"小":                {"王五"},
		"golf":             {"emp-4711", "jane@example.org"},
		"ANFÄNGER golf":    {"emp-4711", "jane@example.org"},
		"part 1":           {"王五", "user_4712"},
		"golf jane":        {}, // either the learner or the course
		`'):* | \ "&!(`:    nil,
		"' | 'jane":        {"jane@example.org"},
		school + "/jane":   {}, // what begins the words of the index is no word
	} {
		if want == nil {
			_, err := s.Registrations(s.ctx, school, filter{Search: search}, postgres.Page{})
			require.Equal(t, fault.Invalid, fault.CodeOf(err), search)
			continue
		}
		got, _ := s.listed(school, filter{Search: search}, 200)
		require.Equal(t, want, append([]string{}, got...), search)
	}
	got, _ := s.listed(school, filter{Search: "golf", CourseID: fire.ID}, 200)
	require.Empty(t, got)
	got, _ = s.listed(school, filter{Search: "doe", CourseID: fire.ID}, 1)
	require.Equal(t, []string{"user_4712"}, got)
}

func TestRegistrationsSayHowTheLearnerStands(t *testing.T) {
	s := sharedStore(t)
	l := s.learner()
	s.titled(l.tenantID, "Another")
	l.commit(l.says(l.opened(), 1, attempt.CompletionIncomplete, .25))
	list, err := s.Registrations(s.ctx, l.tenantID, filter{}, postgres.Page{})
	require.NoError(t, err)
	got := list.Items[0]
	require.Equal(t, "Golf", got.CourseTitle)
	require.Equal(t, l.attemptID, got.Latest.ID)
	require.Equal(t, attempt.CompletionIncomplete, got.Latest.Result.Completion)
	require.InDelta(t, .25, *got.Latest.Result.Score.Scaled, 0)
	require.WithinDuration(t, time.Now(), *got.Latest.LastActivityAt, time.Minute)

	second, err := s.CreateAttempt(s.ctx, l.tenantID, l.registrationID)
	require.NoError(t, err)
	list, err = s.Registrations(s.ctx, l.tenantID, filter{}, postgres.Page{})
	require.NoError(t, err)
	require.Equal(t, &registration.Latest{ID: second.ID, Number: 2, Version: second.Version, Result: second.Result}, list.Items[0].Latest, "the latest, with no activity yet")
}

func TestRegistrationsAreFilteredByTheirLatestAttempt(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	golf, fire := s.titled(tenantID, "Golf"), s.titled(tenantID, "Fire")
	began := now()
	for n, completion := range []attempt.Completion{"", attempt.CompletionIncomplete, attempt.CompletionCompleted, attempt.CompletionCompleted} {
		l := &learner{store: s, tenantID: tenantID, courseID: golf.ID}
		r := s.named(tenantID, golf.ID, "l"+strconv.Itoa(n), "")
		l.registrationID = r.ID
		attempts, err := s.Attempts(s.ctx, tenantID, r.ID, postgres.Page{})
		require.NoError(t, err)
		l.attemptID = attempts.Items[0].ID
		if completion != "" {
			c := l.says(l.opened(), 1, completion, 1)
			c.Course.Success = []attempt.Success{attempt.SuccessUnknown, attempt.SuccessUnknown, attempt.SuccessFailed, attempt.SuccessPassed}[n]
			l.commit(c)
		}
	}
	s.named(tenantID, fire.ID, "l0", "")
	middle := now()
	time.Sleep(2 * time.Millisecond)
	again, _ := s.listed(tenantID, filter{Completion: attempt.CompletionCompleted, Success: attempt.SuccessFailed}, 200)
	require.Equal(t, []string{"l2"}, again)
	list, err := s.Registrations(s.ctx, tenantID, filter{LearnerID: "l2"}, postgres.Page{})
	require.NoError(t, err)
	_, err = s.CreateAttempt(s.ctx, tenantID, list.Items[0].ID)
	require.NoError(t, err)

	for want, f := range map[string]filter{
		"l0 l3 l2 l1 l0": {},
		"l3 l2 l1 l0":    {CourseID: golf.ID},
		"l0 l0":          {LearnerID: "l0"},
		"l0":             {LearnerID: "l0", CourseID: golf.ID},
		"":               {LearnerID: "nobody"},
		"l3":             {Completion: attempt.CompletionCompleted}, // l2 has begun anew
		"l1":             {Completion: attempt.CompletionIncomplete},
		"l0 l2 l0":       {Completion: attempt.CompletionNotAttempted},
		"l3 ":            {Success: attempt.SuccessPassed},
		" ":              {Success: attempt.SuccessFailed},
		"l2":             {ChangedSince: &middle},
		"l0 l3 l1 l0":    {ChangedBefore: &middle},
		"  ":             {ChangedBefore: &began},
		"l1 ":            {CourseID: golf.ID, Completion: attempt.CompletionIncomplete, ChangedSince: &began},
	} {
		for _, limit := range []int{1, 2, 200} {
			got, _ := s.listed(tenantID, f, limit)
			require.Equal(t, strings.TrimSpace(want), strings.Join(got, " "), "%+v", f)
		}
	}
}

func TestAPageLooksAtABoundedNumberOfAttempts(t *testing.T) {
	s := sharedStore(t)
	tenantID := s.tenant()
	c := s.titled(tenantID, "Golf")
	for _, sql := range []string{
		`INSERT INTO registrations (tenant_id, id, course_id, learner_id, learner_name, created_at)
			SELECT '` + tenantID + `', gen_random_uuid(), '` + c.ID + `', 'many-' || n, 'Doe, Jane ' || n, now() FROM generate_series(1, 12000) n`,
		// Without looking at foreign keys, which takes its time.
		`SET session_replication_role = replica; INSERT INTO attempts (tenant_id, id, registration_id, number, course_id, version, result, created_at, updated_at)
			SELECT tenant_id, gen_random_uuid(), id, 1, course_id, 1,
				jsonb_build_object('completion', CASE WHEN learner_id IN ('many-1', 'many-11999') THEN 'completed' ELSE 'unknown' END, 'success', 'unknown', 'totalSeconds', 0), now(), now()
			FROM registrations WHERE tenant_id = '` + tenantID + `'`,
	} {
		s.server.Exec(sql)
	}
	s.server.Exec("ANALYZE registrations")
	got, pages := s.listed(tenantID, filter{Search: "11999"}, 50)
	require.Equal(t, []string{"many-11999"}, got)
	require.Equal(t, 1, pages)
	got, _ = s.listed(tenantID, filter{Search: "jane 24"}, 100)
	require.Len(t, got, 1+10+100, "words of some, over the newest and all")

	got, pages = s.listed(tenantID, filter{Completion: attempt.CompletionCompleted}, 50)
	slices.Sort(got)
	require.Equal(t, []string{"many-1", "many-11999"}, got)
	require.Equal(t, 2, pages)
	got, pages = s.listed(tenantID, filter{Completion: attempt.CompletionCompleted, Search: "1199"}, 50)
	require.Equal(t, []string{"many-11999"}, got)
	require.Equal(t, 1, pages)
}

func TestUsage(t *testing.T) {
	s := sharedStore(t)
	l := s.learner()
	s.publish(l.tenantID, l.courseID)
	s.webhook(l.tenantID)
	l.opened()
	got, err := s.Usage(s.ctx, l.tenantID, now(), now().Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, postgres.Usage{Courses: 1, Versions: 2, StoredBytes: 2 << 33, Registrations: 1, Attempts: 1, Launches: 1, Webhooks: 1}, got)
	got, err = s.Usage(s.ctx, l.tenantID, now(), now().Add(time.Second))
	require.NoError(t, err)
	require.Zero(t, got.Launches)
	got, err = s.Usage(s.ctx, s.tenant(), now(), now())
	require.NoError(t, err)
	require.Zero(t, got)
}
