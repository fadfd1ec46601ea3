package httpapi_test

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/worker"
)

// unzip is the files of an export, and how many records of each kind are in them.
func unzip(t *testing.T, r reply) (files map[string]string, records map[string]int) {
	t.Helper()
	require.Equal(t, "application/zip", r.header.Get("Content-Type"))
	z, err := zip.NewReader(strings.NewReader(r.text), int64(len(r.text)))
	require.NoError(t, err)
	files, records = map[string]string{}, map[string]int{}
	for _, f := range z.File {
		in, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(in)
		require.NoError(t, err)
		files[f.Name] = string(text)
		if !strings.HasSuffix(f.Name, ".jsonl") {
			continue
		}
		lines := bufio.NewScanner(strings.NewReader(string(text)))
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			var line struct {
				Record string
				Data   map[string]any
			}
			require.NoError(t, json.Unmarshal(lines.Bytes(), &line))
			require.NotEmpty(t, line.Data)
			records[line.Record]++
		}
	}
	return files, records
}

func TestALearnersDataIsExported(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	one := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	two := s.course(c.tenant, twoSCOs(content.SCORM2004), nil)
	long := strings.Repeat("ß", 4000)
	const learner = "urn:learner/7?a=b&ä"
	r, _, p := c.played(one.course, learner)
	require.Equal(t, "applied", p.commit(s, commit(2, map[string]string{"cmi.suspend_data": long, "cmi.interactions.0.id": "q1", "cmi.interactions.0.student_response": "forty-two"})))
	c.register(two.course, learner)
	c.played(one.course, "somebody else")

	got := c.send("POST", "/api/v1/learners/export", object{"learnerId": learner}, "Idempotency-Key", "x").is(200)
	require.Contains(t, got.header.Get("Content-Disposition"), `filename="learner.zip"`)
	files, records := unzip(t, got)
	require.Equal(t, map[string]int{"registration": 2, "attempt": 2, "activity": 1, "launch": 1, "event": 2}, records)
	require.Len(t, files, 3)
	text := files["registrations/"+r+".jsonl"]
	for _, want := range []string{learner, "Doe, Jane", long, "forty-two", "https://portal.example.org/", "attempt.result_changed", `"passed"`} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, got.text, "somebody else")
	var head struct{ Format, Tenant, LearnerID string }
	require.NoError(t, json.Unmarshal([]byte(files["export.json"]), &head))
	require.Equal(t, "lectern-export/1", head.Format)
	require.Equal(t, learner, head.LearnerID)
	require.Equal(t, c.tenant, head.Tenant)

	reference, err := os.ReadFile("../../docs/reference/export.md")
	require.NoError(t, err)
	for kind := range records {
		require.Contains(t, string(reference), "`"+kind+"`", "the reference describes it")
	}

	c.send("POST", "/api/v1/learners/export", object{"learnerId": "nobody"}).problem(404)
	s.tenant().send("POST", "/api/v1/learners/export", object{"learnerId": learner}).problem(404)

	files, records = unzip(t, c.send("GET", "/api/v1/export", nil).is(200))
	require.Equal(t, map[string]int{"registration": 3, "attempt": 3, "activity": 2, "launch": 2, "event": 3, "course": 2, "version": 2}, records)
	require.Contains(t, files["courses.jsonl"], one.course)
}

func TestAnExportThatFailsIsNoWholeFile(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	c.played(in.course, "jane")
	archive(t, c, 1)
	store := &lostStore{Port: s.store}
	other := newService(t, func(e *engine) { e.Store = store })
	r := other.request(t, c.token, "POST", "/api/v1/learners/export", `{"learnerId":"jane"}`)
	answer, err := transport().RoundTrip(r)
	if err == nil { // as much came as was on its way
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	require.Error(t, err, "the connection breaks")
	require.Contains(t, other.log.String(), "an export broke off")
}

// archive lets a tenant's attempts get old, and archives them.
func archive(t *testing.T, c caller, want int) {
	t.Helper()
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 3, "archive": true}).is(200)
	keeper := &worker.Keeper{DB: c.s.db, Store: c.s.store, Log: discard()}
	require.NoError(t, keeper.Step(t.Context(), time.Now().AddDate(0, 2, 0)))
	n := 0
	count := func(a string) { n++ }
	require.NoError(t, c.s.eachArchived(c.tenant, count))
	require.Zero(t, n, "nothing is that old")
	require.NoError(t, keeper.Step(t.Context(), time.Now().AddDate(0, 4, 0)))
	require.NoError(t, c.s.eachArchived(c.tenant, count))
	require.Equal(t, want, n)
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 0}).is(200)
}

func TestOldAttemptsAreArchivedExportedAndErased(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	c.send("GET", "/api/v1/retention", nil).is(200)
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	r, attempt, _ := c.played(in.course, "jane")
	c.played(in.course, "joe")
	before, records := unzip(t, c.send("POST", "/api/v1/learners/export", object{"learnerId": "jane"}).is(200))
	require.NotEmpty(t, before)
	var preview struct{ URL string }
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).is(201, &preview)
	archive(t, c, 2)
	c.send("GET", "/api/v1/registrations/"+r, nil).problem(404)
	c.send("GET", "/api/v1/attempts/"+attempt, nil).problem(404)
	s.with("").send("POST", "/player/open", object{"token": preview.URL[strings.LastIndexByte(preview.URL, '/')+1:]}).problem(410)

	files, archived := unzip(t, c.send("POST", "/api/v1/learners/export", object{"learnerId": "jane"}).is(200))
	require.Equal(t, records, archived, "the same is in it")
	require.Contains(t, files["archive/"+attempt+".jsonl"], "page 7")

	p, _ := c.send("DELETE", "/api/v1/courses/"+in.course, nil).problem(409)
	require.Contains(t, p.Detail, "or were")
	done := c.finish(c.erase("POST", "/api/v1/learners/erase", object{"learnerId": "jane"}))
	require.Equal(t, erasure.Counts{Archives: 1}, done.Removed)
	c.send("POST", "/api/v1/learners/export", object{"learnerId": "jane"}).problem(404)
	_, err := s.store.Stat(t.Context(), erasure.ArchiveKey(c.tenant, in.course, erasure.HashLearner(c.tenant, "jane"), attempt))
	require.ErrorIs(t, err, objectstore.ErrNotFound)
	unzip(t, c.send("POST", "/api/v1/learners/export", object{"learnerId": "joe"}).is(200))
	done = c.finish(c.erase("DELETE", "/api/v1/courses/"+in.course+"?cascade=true", nil))
	require.EqualValues(t, 1, done.Removed.Archives)
	c.send("POST", "/api/v1/learners/export", object{"learnerId": "joe"}).problem(404)
}

func TestOldAttemptsAreRemovedWithoutAnArchive(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	old, _, _ := c.played(in.course, "jane")
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 3}).is(200)
	_, places := c.send("PUT", "/api/v1/retention", object{"keepMonths": -1}).problem(422)
	require.True(t, slices.Contains(places, "body.keepMonths"))
	keeper := &worker.Keeper{DB: s.db, Store: s.store, Log: discard()}
	require.NoError(t, keeper.Step(t.Context(), time.Now().AddDate(0, 4, 0)))
	c.send("GET", "/api/v1/registrations/"+old, nil).problem(404)
	c.send("POST", "/api/v1/learners/export", object{"learnerId": "jane"}).problem(404)
	c.send("GET", "/api/v1/courses/"+in.course, nil).is(200)
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 0}).is(200)
}

// meddling is a store that does something before it takes an object.
type meddling struct {
	objectstore.Port
	before func() error
}

func (m *meddling) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := m.before(); err != nil {
		return err
	}
	return m.Port.Put(ctx, key, r, size, contentType)
}

func TestArchivingThatIsInterrupted(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	_, attempt, p := c.played(in.course, "jane")
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 48, "archive": true}).is(200)
	step := func(limit time.Time, before func() error) error { // what is older than limit is too old
		keeper := &worker.Keeper{DB: s.db, Store: &meddling{s.store, before}, Log: discard()}
		return keeper.Step(t.Context(), limit.AddDate(0, 48, 0)) // four years: the same day, whatever day it is
	}
	tomorrow := time.Now().AddDate(0, 0, 1)
	key := erasure.ArchiveKey(c.tenant, in.course, erasure.HashLearner(c.tenant, "jane"), attempt)
	lies := func() bool {
		_, err := s.store.Stat(t.Context(), key)
		return err == nil
	}

	require.Error(t, step(tomorrow, func() error { return errors.New("the store is away") }))
	c.send("GET", "/api/v1/attempts/"+attempt, nil).is(200) // nothing is removed that is not archived
	require.False(t, lies())
	_, records := unzip(t, c.send("POST", "/api/v1/learners/export", object{"learnerId": "jane"}).is(200))
	require.Equal(t, 1, records["attempt"], "what is about to be archived is in an export once")

	// The learner comes back in the middle of it.
	limit := time.Now()
	require.NoError(t, step(limit, func() error {
		require.Equal(t, "applied", p.commit(s, commit(2, passed)))
		return nil
	}))
	c.send("GET", "/api/v1/attempts/"+attempt, nil).is(200)
	require.False(t, lies(), "it stays, so it is in no archive")

	// The learner is erased in the middle of it.
	var r receipt
	require.NoError(t, step(tomorrow, func() error {
		r = c.erase("POST", "/api/v1/learners/erase", object{"learnerId": "jane"})
		return nil
	}))
	c.finish(r)
	require.False(t, lies())
	require.NoError(t, s.eachArchived(c.tenant, func(a string) { t.Error("archived: " + a) }))
	c.send("PUT", "/api/v1/retention", object{"keepMonths": 0}).is(200)
}
