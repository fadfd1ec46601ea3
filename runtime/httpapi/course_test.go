package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
)

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// oneSCO is a course with one activity.
func oneSCO(standard content.Standard) content.Structure {
	return content.Structure{Standard: standard, ID: "course", Title: "Golf", Root: content.Activity{
		ID: "org", Title: "Golf", Children: []content.Activity{{ID: "item_1", Title: "Playing", Kind: content.KindSCO, Launch: "index.html?a=b"}},
	}}
}

// twoSCOs is a course with two activities.
func twoSCOs(standard content.Standard) content.Structure {
	s := oneSCO(standard)
	s.Root.Children = append(s.Root.Children, content.Activity{ID: "item_2", Title: "Etiquette", Kind: content.KindSCO, Launch: "two.html"})
	return s
}

// imported is a course that a worker has imported.
type imported struct{ course, content, importID string }

// course imports a course as a worker would, with these files.
func (s *service) course(tenantID string, structure content.Structure, files map[string]string) imported {
	t, ctx := s.t, s.t.Context()
	t.Helper()
	in := imported{course: newID(), content: newID(), importID: newID()}
	s.courses[in.content] = in.course
	now := time.Now()
	require.NoError(t, s.db.CreateCourse(ctx, content.Course{ID: in.course, TenantID: tenantID, CreatedAt: now}))
	require.NoError(t, s.db.CreateImport(ctx, content.Import{
		ID: in.importID, TenantID: tenantID, CourseID: in.course, FileName: "golf.zip", State: content.ImportWaiting, CreatedAt: now,
	}))
	require.NoError(t, s.db.QueueImport(ctx, tenantID, in.importID))
	_, token, ok, err := s.db.LeaseImport(ctx, tenantID, in.importID, time.Minute)
	require.NoError(t, err)
	require.True(t, ok)
	for name, text := range files {
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(name, ".mp4") {
			kind = "video/mp4"
		}
		require.NoError(t, s.store.Put(ctx, content.FilePrefix(tenantID, in.content)+name, strings.NewReader(text), int64(len(text)), kind))
	}
	report := content.Report{Standard: structure.Standard, Title: structure.Title, Findings: []content.Finding{
		{Severity: content.SeverityWarning, Rule: "scorm12.metadata.missing", Message: "there is no metadata", Remedy: "add some"},
	}}
	_, err = s.db.FinishImport(ctx, tenantID, in.importID, token, report, &content.Version{
		TenantID: tenantID, CourseID: in.course, ContentID: in.content, Structure: structure, Files: len(files), Bytes: 10, CreatedAt: now,
	})
	require.NoError(t, err)
	return in
}

// register signs a learner up over the API.
func (c caller) register(courseID, learnerID string) string {
	c.s.t.Helper()
	var r struct{ ID string }
	c.send("POST", "/api/v1/registrations", map[string]any{"courseId": courseID, "learner": map[string]string{"id": learnerID, "name": "Doe, Jane"}}).is(201, &r)
	return r.ID
}

// link makes a launch link over the API and returns its token.
func (c caller) link(registrationID string, body any) string {
	c.s.t.Helper()
	var l struct{ URL string }
	c.send("POST", "/api/v1/registrations/"+registrationID+"/launches", body).is(201, &l)
	return tokenOf(c.s.t, l.URL)
}

// tokenOf is the token in a launch link.
func tokenOf(t testing.TB, link string) string {
	t.Helper()
	_, token, ok := strings.Cut(link, ".play.localhost/launch/")
	require.True(t, ok, link)
	return token
}

// webhook makes one over the API.
func (c caller) webhook() postgres.Webhook {
	c.s.t.Helper()
	var w struct{ Webhook postgres.Webhook }
	c.send("POST", "/api/v1/webhooks", map[string]any{"url": "https://hooks.example.org/lectern"}).is(201, &w)
	return w.Webhook
}
