package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/worker"
)

// receipt is an erasure as the API shows it.
type receipt struct {
	ID, Kind, Subject, State, LearnerHash string
	Version                               int
	FinishedAt                            *time.Time
	Removed                               erasure.Counts
	Remains                               []erasure.Remain
}

// finish lets workers erase until nothing is left to do, and returns the receipt.
func (c caller) finish(r receipt) receipt {
	c.s.t.Helper()
	eraser := &worker.Eraser{DB: c.s.db, Store: c.s.store, Settle: time.Millisecond, Log: discard()}
	require.Eventually(c.s.t, func() bool {
		require.NoError(c.s.t, eraser.Round(c.s.t.Context()))
		c.send("GET", "/api/v1/erasures/"+r.ID, nil).is(200, &r)
		return r.State == "finished"
	}, 10*time.Second, 5*time.Millisecond)
	return r
}

func (c caller) erase(method, path string, body any) (r receipt) {
	c.s.t.Helper()
	answer := c.send(method, path, body).is(202, &r)
	require.Equal(c.s.t, "/api/v1/erasures/"+r.ID, answer.header.Get("Location"))
	require.NotEmpty(c.s.t, r.Remains)
	return r
}

// played is a learner's registration with an attempt that has results, and the session that is still open.
func (c caller) played(courseID, learner string) (registration, attempt string, p playing) {
	c.s.t.Helper()
	registration = c.register(courseID, learner)
	attempt = c.items("/api/v1/registrations/" + registration + "/attempts")[0]["id"].(string)
	p = c.s.open(c.link(registration, object{"returnUrl": "https://portal.example.org/"}))
	require.Equal(c.s.t, "applied", p.commit(c.s, commit(1, passed)))
	return registration, attempt, p
}

func TestWhatIsErasedEndsItsLaunches(t *testing.T) {
	s := newService(t, func(e *engine) { e.Keeps = erasure.Keeps{BackupDays: 14, LogDays: 90} })
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "x"})
	for _, row := range []struct {
		kind string
		call func(registration, attempt, learner string) receipt
		want erasure.Counts
	}{
		{"attempt", func(_, attempt, _ string) receipt { return c.erase("DELETE", "/api/v1/attempts/"+attempt, nil) },
			erasure.Counts{Attempts: 1, Activities: 1, Launches: 2, Events: 1}},
		{"registration", func(registration, _, _ string) receipt {
			return c.erase("DELETE", "/api/v1/registrations/"+registration, nil)
		}, erasure.Counts{Registrations: 1, Attempts: 1, Activities: 1, Launches: 2, Events: 1}},
		{"learner", func(_, _, learner string) receipt {
			return c.erase("POST", "/api/v1/learners/erase", object{"learnerId": learner})
		}, erasure.Counts{Registrations: 1, Attempts: 1, Activities: 1, Launches: 2, Events: 1}},
	} {
		t.Run(row.kind, func(t *testing.T) {
			learner := "learner/" + row.kind
			registration, attempt, p := c.played(in.course, learner)
			unopened := c.link(registration, nil)
			r := row.call(registration, attempt, learner)
			require.Equal(t, row.kind, r.Kind)
			require.Equal(t, "removing", r.State)
			require.Equal(t, row.want, r.Removed, "it is gone when the request is answered")

			c.send("GET", "/api/v1/attempts/"+attempt, nil).problem(404)
			p1, _ := s.with(p.Session).send("GET", "/player/session", nil).problem(410)
			require.Contains(t, p1.Detail, "deleted")
			s.with(p.Session).send("POST", p.CommitURL, commit(2, passed)).problem(410)
			<-s.outcomes
			s.with("").send("POST", "/player/open", object{"token": unopened}).problem(410)

			again := row.call(registration, attempt, learner)
			require.Equal(t, r.ID, again.ID, "asking again changes nothing")
			r = c.finish(r)
			require.Equal(t, row.want, r.Removed)
			require.WithinDuration(t, r.FinishedAt.AddDate(0, 0, 14), *r.Remains[0].Until, time.Second)
			require.Nil(t, r.Remains[1].Until, "nobody said how long")
			require.Contains(t, r.Remains[1].Text, "ask its operator")
			s.with(p.Session).send("POST", p.CommitURL, commit(3, passed)).problem(410)
			<-s.outcomes
			if row.kind == "attempt" {
				c.send("POST", "/api/v1/registrations/"+registration+"/attempts", nil).is(201)
			} else {
				c.send("GET", "/api/v1/registrations/"+registration, nil).problem(404)
			}
		})
	}
}

func TestALearnerIsNotRegisteredWhileBeingErased(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	body := object{"courseId": in.course, "learner": object{"id": "jane", "name": "Doe, Jane"}}
	r := c.erase("POST", "/api/v1/learners/erase", object{"learnerId": "jane"})
	require.Equal(t, erasure.HashLearner(c.tenant, "jane"), r.LearnerHash)
	require.Empty(t, r.Subject)
	p, _ := c.send("POST", "/api/v1/registrations", body).problem(409)
	require.Contains(t, p.Detail, "is being erased")
	c.register(in.course, "joe")
	require.Zero(t, c.finish(r).Removed, "she was not known")
	c.send("POST", "/api/v1/registrations", body).is(201)
	require.NotEqual(t, r.ID, c.erase("POST", "/api/v1/learners/erase", object{"learnerId": "jane"}).ID, "she came back, and is erased anew")
}

func TestACourseInUseIsKeptUnlessToldOtherwise(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "x", "film.mp4": "y"})
	_, _, p := c.played(in.course, "jane")
	file := content.FilePrefix(c.tenant, in.content) + "film.mp4"
	message, _ := c.send("DELETE", "/api/v1/courses/"+in.course, nil).problem(409)
	require.Contains(t, message.Detail, "cascade=true")
	c.send("GET", "/api/v1/courses/"+in.course, nil).is(200)

	r := c.erase("DELETE", "/api/v1/courses/"+in.course+"?cascade=true", nil)
	c.send("GET", "/api/v1/courses/"+in.course, nil).problem(404)
	require.Empty(t, c.items("/api/v1/courses"))
	c.send("POST", "/api/v1/registrations", object{"courseId": in.course, "learner": object{"id": "joe", "name": ""}}).problem(404)
	c.send("POST", "/api/v1/imports", object{"fileName": "x.zip", "size": 1, "courseId": in.course}).problem(404)
	s.with(p.Session).send("GET", "/player/session", nil).problem(410)
	r = c.finish(r)
	require.Equal(t, erasure.Counts{Courses: 1, Versions: 1, Files: 2, Imports: 1, Registrations: 1, Attempts: 1, Activities: 1, Launches: 1, Events: 1}, r.Removed)
	_, err := s.store.Stat(t.Context(), file)
	require.ErrorIs(t, err, objectstore.ErrNotFound)
	require.Equal(t, r.ID, c.erase("DELETE", "/api/v1/courses/"+in.course, nil).ID, "the receipt is what remains")

	require.Equal(t, r.ID, c.items("/api/v1/erasures")[0]["id"])

	idle := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	require.EqualValues(t, 1, c.finish(c.erase("DELETE", "/api/v1/courses/"+idle.course, nil)).Removed.Courses)
}

func TestAnOldVersionIsDeletedAndTheLatestIsNot(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "one"})
	registration, attempt, _ := c.played(in.course, "jane")
	path := "/api/v1/courses/" + in.course + "/versions/"
	p, _ := c.send("DELETE", path+"1", nil).problem(409)
	require.Contains(t, p.Detail, "latest")
	s.nextVersion(c.tenant, in.course)
	p, _ = c.send("DELETE", path+"1", nil).problem(409)
	require.Contains(t, p.Detail, "1 attempts")
	c.send("DELETE", path+"7", nil).problem(404)
	r := c.finish(c.erase("DELETE", path+"1?cascade=true", nil))
	require.Equal(t, erasure.Counts{Versions: 1, Files: 1, Imports: 1, Attempts: 1, Activities: 1, Launches: 1, Events: 1}, r.Removed)
	c.send("GET", path+"1", nil).problem(404)
	c.send("GET", path+"2", nil).is(200)
	c.send("GET", "/api/v1/attempts/"+attempt, nil).problem(404)
	c.send("POST", "/api/v1/registrations/"+registration+"/attempts", nil).is(201)
}

// nextVersion imports another version of a course.
func (s *service) nextVersion(tenantID, courseID string) {
	s.t.Helper()
	id := newID()
	require.NoError(s.t, s.db.CreateImport(s.t.Context(), content.Import{ID: id, TenantID: tenantID, CourseID: courseID, FileName: "x.zip", CreatedAt: time.Now()}))
	require.NoError(s.t, s.db.QueueImport(s.t.Context(), tenantID, id))
	_, token, _, err := s.db.LeaseImport(s.t.Context(), tenantID, id, time.Minute)
	require.NoError(s.t, err)
	_, err = s.db.FinishImport(s.t.Context(), tenantID, id, token, content.Report{}, &content.Version{
		TenantID: tenantID, CourseID: courseID, ContentID: newID(), Structure: oneSCO(content.SCORM12), CreatedAt: time.Now(),
	})
	require.NoError(s.t, err)
}

func TestARefusedImportLeavesNoCourse(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	refuse := func(id string) {
		require.NoError(t, s.store.Put(t.Context(), content.UploadKey(c.tenant, id), strings.NewReader("no zip"), 6, "application/zip"))
		c.send("POST", "/api/v1/imports/"+id+"/complete", nil).is(202)
		importer := &worker.Importer{DB: s.db, Store: s.store, TempDir: t.TempDir(), Log: discard()}
		require.NoError(t, importer.Import(t.Context(), c.tenant, id))
	}
	begin := func(courseID string) (id, course string) {
		var made struct{ Import content.Import }
		body := object{"fileName": "x.zip", "size": 6}
		if courseID != "" {
			body["courseId"] = courseID
		}
		c.send("POST", "/api/v1/imports", body).is(201, &made)
		return made.Import.ID, made.Import.CourseID
	}
	id, course := begin("")
	c.send("GET", "/api/v1/courses/"+course, nil).is(200)
	other, _ := begin(course)
	refuse(id)
	c.send("GET", "/api/v1/courses/"+course, nil).is(200) // another import of it is under way
	refuse(other)
	c.send("GET", "/api/v1/courses/"+course, nil).problem(404)
	require.Empty(t, c.items("/api/v1/courses"))
	var report content.Import
	c.send("GET", "/api/v1/imports/"+id, nil).is(200, &report)
	require.Equal(t, content.ImportFailed, report.State)
	require.True(t, report.Report.Refused())

	whole := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	id, _ = begin(whole.course)
	refuse(id)
	c.send("GET", "/api/v1/courses/"+whole.course, nil).is(200) // it has a version
}
