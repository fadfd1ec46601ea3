package httpapi_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

func TestACourseIsUploadedAndImported(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	var made struct {
		Import content.Import
		Upload struct {
			Method, URL string
			Headers     map[string]string
		}
	}
	got := c.send("POST", "/api/v1/imports", map[string]any{"fileName": "golf.zip", "size": 7, "contentType": "application/x-zip-compressed"}).is(201, &made)
	path := "/api/v1/imports/" + made.Import.ID
	require.Equal(t, path, got.header.Get("Location"))
	require.Equal(t, content.ImportWaiting, made.Import.State)
	require.Equal(t, "PUT", made.Upload.Method)
	require.Equal(t, s.base+path+"/package", made.Upload.URL)
	require.Equal(t, "application/x-zip-compressed", made.Upload.Headers["Content-Type"])

	p, _ := c.send("POST", path+"/complete", nil).problem(409)
	require.Contains(t, p.Detail, "not uploaded yet")
	_, places := c.send("PUT", path+"/package", "too short"[:6]).problem(422)
	require.Empty(t, places)
	require.Empty(t, c.send("PUT", path+"/package", "package", "Content-Type", "application/zip").is(204).text)
	info, err := s.store.Stat(t.Context(), content.UploadKey(c.tenant, made.Import.ID))
	require.NoError(t, err)
	require.EqualValues(t, 7, info.Size)

	var i content.Import
	c.send("POST", path+"/complete", map[string]any{}).is(202, &i)
	require.Equal(t, content.ImportQueued, i.State)
	messages, err := s.queue.Receive(t.Context(), 10, 0)
	require.NoError(t, err)
	require.Len(t, messages, 1)
	var m worker.Message
	require.NoError(t, json.Unmarshal(messages[0].Body, &m))
	require.Equal(t, worker.Message{Kind: worker.KindImport, TenantID: c.tenant, ID: made.Import.ID}, m)
	c.send("POST", path+"/complete", nil).is(202, &i) // said twice: no second message
	messages, err = s.queue.Receive(t.Context(), 10, 0)
	require.NoError(t, err)
	require.Empty(t, messages)
	c.send("PUT", path+"/package", "package").problem(409)

	done := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	c.send("GET", "/api/v1/imports/"+done.importID, nil).is(200, &i)
	require.Equal(t, content.ImportSucceeded, i.State)
	require.Equal(t, "scorm12.metadata.missing", i.Report.Findings[0].Rule)
	require.Equal(t, 1, i.Version)

	c.send("POST", "/api/v1/imports", map[string]any{"fileName": "golf2.zip", "size": 7, "courseId": done.course}).is(201, &made)
	require.Equal(t, done.course, made.Import.CourseID)
	require.Len(t, c.items("/api/v1/imports"), 3)
}

func TestUploadsAreHeldToTheirLimits(t *testing.T) {
	s := newService(t, limits(func(l *limit) { l.PackageBytes = 10 }))
	c := s.tenant()
	p, _ := c.send("POST", "/api/v1/imports", map[string]any{"fileName": "big.zip", "size": 11}).problem(413)
	require.Contains(t, p.Detail, "limit of 10")
	var made struct{ Import content.Import }
	c.send("POST", "/api/v1/imports", map[string]any{"fileName": "big.zip", "size": 10}).is(201, &made)
	path := "/api/v1/imports/" + made.Import.ID + "/package"
	c.send("PUT", path, "eleven bytes").problem(413)
	c.send("PUT", path, "").problem(422)

	r, err := http.NewRequestWithContext(t.Context(), "PUT", s.base+path, struct{ *strings.Reader }{strings.NewReader("0123456789")})
	require.NoError(t, err)
	r.ContentLength = -1 // chunked
	r.Header.Set("Authorization", "Bearer "+c.token)
	s.do(r).problem(411)
	_, err = s.store.Stat(t.Context(), content.UploadKey(c.tenant, made.Import.ID))
	require.Error(t, err, "nothing of all that was kept")
}

func TestCoursesAndTheirVersions(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, twoSCOs(content.SCORM2004), nil)
	var course content.Course
	c.send("GET", "/api/v1/courses/"+in.course, nil).is(200, &course)
	require.Equal(t, "Golf", course.Title)
	c.send("PATCH", "/api/v1/courses/"+in.course, map[string]any{"suspendDataLimit": 100_000}).is(200, &course)
	require.Equal(t, "Golf", course.Title)
	c.send("PATCH", "/api/v1/courses/"+in.course, map[string]any{"title": "Golf for all"}).is(200, &course)
	c.send("GET", "/api/v1/courses/"+in.course, nil).is(200, &course)
	require.Equal(t, "Golf for all", course.Title)
	require.Equal(t, 100_000, course.SuspendDataLimit)
	require.Len(t, c.items("/api/v1/courses"), 1)

	versions := c.items("/api/v1/courses/" + in.course + "/versions")
	require.Len(t, versions, 1)
	require.Equal(t, "scorm2004", versions[0]["standard"])
	require.NotContains(t, versions[0], "structure")
	var v content.Version
	c.send("GET", "/api/v1/courses/"+in.course+"/versions/1", nil).is(200, &v)
	require.Len(t, v.Structure.Leaves(), 2)
	c.send("GET", "/api/v1/courses/"+in.course+"/versions/2", nil).problem(404)
	_, places := c.send("GET", "/api/v1/courses/"+in.course+"/versions/0", nil).problem(422)
	require.Equal(t, []string{"path.number"}, places)
}

func TestRegistrationsAttemptsAndLaunches(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	body := map[string]any{"courseId": in.course, "learner": map[string]string{"id": "jane@example.org", "name": "Doe, Jane"}}
	var first, again struct{ ID string }
	got := c.send("POST", "/api/v1/registrations", body).is(201, &first)
	require.Equal(t, "/api/v1/registrations/"+first.ID, got.header.Get("Location"))
	c.send("POST", "/api/v1/registrations", body).is(200, &again)
	require.Equal(t, first.ID, again.ID, "a learner registers for a course once")
	c.register(in.course, "joe")
	require.Len(t, c.items("/api/v1/registrations"), 2)
	require.Len(t, c.items("/api/v1/registrations?learnerId=jane@example.org"), 1)
	require.Len(t, c.items("/api/v1/registrations?courseId="+in.course), 2)
	require.Empty(t, c.items("/api/v1/registrations?courseId="+newID()))
	c.send("POST", "/api/v1/registrations", map[string]any{"courseId": newID(), "learner": map[string]string{"id": "a", "name": ""}}).problem(404)

	path := "/api/v1/registrations/" + first.ID
	var r struct{ Learner struct{ ID, Name string } }
	c.send("GET", path, nil).is(200, &r)
	require.Equal(t, "Doe, Jane", r.Learner.Name)
	var second struct {
		ID     string
		Number int
	}
	c.send("POST", path+"/attempts", nil).is(201, &second)
	require.Equal(t, 2, second.Number)
	attempts := c.items(path + "/attempts")
	require.Len(t, attempts, 2)
	require.Equal(t, second.ID, attempts[0]["id"], "newest first")

	var l struct {
		ID        string
		ExpiresAt time.Time
	}
	c.send("POST", path+"/launches", map[string]any{"attemptId": attempts[1]["id"], "mode": "review", "returnUrl": "https://portal.example.org/done?x=1"}).is(201, &l)
	require.WithinDuration(t, time.Now().Add(5*time.Minute), l.ExpiresAt, time.Minute)
	c.link(first.ID, nil)
	launches := c.items(path + "/launches")
	require.Len(t, launches, 2)
	require.Equal(t, "normal", launches[0]["mode"])
	require.Equal(t, second.ID, launches[0]["attemptId"], "the latest attempt if none is named")
	require.Equal(t, l.ID, launches[1]["id"])

	for _, address := range []string{"javascript:alert(1)", "//evil.example.org", "data:text/html,x", "ftp://a/b", "https://user:pw@a/", "https:///x", "%zz"} {
		_, places := c.send("POST", path+"/launches", map[string]any{"returnUrl": address}).problem(422)
		require.Equal(t, []string{"body.returnUrl"}, places, address)
	}
	empty := c.register(in.course, "empty")
	c.send("POST", "/api/v1/registrations/"+empty+"/launches", map[string]any{"attemptId": second.ID}).problem(404)
}

func TestACourseWithoutVersionCannotBeUsed(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	var made struct{ Import content.Import }
	c.send("POST", "/api/v1/imports", map[string]any{"fileName": "a.zip", "size": 1}).is(201, &made)
	id := made.Import.CourseID
	c.send("POST", "/api/v1/courses/"+id+"/preview", nil).problem(409)
	c.send("POST", "/api/v1/registrations", map[string]any{"courseId": id, "learner": map[string]string{"id": "a", "name": ""}}).problem(409)
	require.Empty(t, c.items("/api/v1/courses/"+id+"/versions"))
}

func TestWebhooks(t *testing.T) {
	s := newService(t, func(e *engine) { e.AllowPlainWebhooks = false })
	c := s.tenant()
	var made, rotated struct {
		Webhook postgres.Webhook
		Secret  string
	}
	got := c.send("POST", "/api/v1/webhooks", map[string]any{"url": "https://hooks.example.org/x", "events": []string{"import.finished"}}).is(201, &made)
	path := "/api/v1/webhooks/" + made.Webhook.ID
	require.Equal(t, path, got.header.Get("Location"))
	require.Len(t, made.Secret, 64)
	require.NotContains(t, c.send("GET", path, nil).is(200).text, made.Secret)
	for _, address := range []string{"http://hooks.example.org", "https://u:p@a/", "ftp://a", "hooks.example.org", "https://a/#x"} {
		_, places := c.send("POST", "/api/v1/webhooks", map[string]any{"url": address}).problem(422)
		require.Equal(t, []string{"body.url"}, places, address)
		c.send("PATCH", path, map[string]any{"url": address}).problem(422)
	}
	c.send("POST", "/api/v1/webhooks", map[string]any{"url": "https://a.example", "events": []string{"made.up"}}).problem(422)
	c.send("POST", path+"/rotate-secret", nil).is(200, &rotated)
	require.NotEqual(t, made.Secret, rotated.Secret)
	require.Equal(t, 2, rotated.Webhook.Secret)

	var d postgres.Delivery
	c.send("POST", path+"/ping", nil).is(202, &d)
	require.Equal(t, postgres.EventPing, d.Type)
	deliveries := c.items(path + "/deliveries")
	require.Len(t, deliveries, 1)
	require.Equal(t, d.ID, deliveries[0]["id"])
	require.Equal(t, map[string]any{"webhookId": made.Webhook.ID}, deliveries[0]["data"])
	due, err := s.db.ClaimDeliveries(t.Context(), time.Now().Add(time.Minute), time.Minute, postgres.DeliveryShare{Limit: 100, Most: 100})
	require.NoError(t, err)
	var ids []string
	for _, one := range due {
		ids = append(ids, one.ID)
	}
	require.Contains(t, ids, d.ID, "a worker delivers it, though this webhook is for other events")

	var w postgres.Webhook
	c.send("PATCH", path, map[string]any{"active": false, "events": []string{}}).is(200, &w)
	require.False(t, w.Active)
	require.Empty(t, w.Events)
	require.Equal(t, "https://hooks.example.org/x", w.URL)
	c.send("POST", path+"/ping", nil).problem(409)
	require.Len(t, c.items("/api/v1/webhooks"), 1)
	c.send("DELETE", path, nil).is(204)
	c.send("DELETE", path, nil).problem(404)
	c.send("GET", path+"/deliveries", nil).problem(404)
}

func TestMeSaysWhoseKeyThisIs(t *testing.T) {
	s := newService(t)
	c := s.tenant(tenant.ScopeRead)
	var me struct {
		Tenant string
		Key    tenant.Key
	}
	c.send("GET", "/api/v1/me", nil).is(200, &me)
	require.Equal(t, c.tenant, me.Tenant)
	require.Equal(t, []tenant.Scope{tenant.ScopeRead}, me.Key.Scopes)
}

func TestListsComeInPages(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	for n := range 5 {
		c.register(in.course, "learner "+strconv.Itoa(n))
	}
	var seen []string
	path := "/api/v1/registrations?limit=2&courseId=" + in.course
	for range 3 {
		var page struct {
			Items []struct{ Learner struct{ ID string } }
			Next  string
		}
		got := c.send("GET", path, nil).is(200, &page)
		for _, i := range page.Items {
			seen = append(seen, i.Learner.ID)
		}
		link := got.header.Get("Link")
		if page.Next == "" {
			require.Empty(t, link)
			break
		}
		next, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		require.True(t, ok, link)
		require.Contains(t, next, "courseId="+in.course, "the filter stays")
		path = next
	}
	require.Equal(t, []string{"learner 4", "learner 3", "learner 2", "learner 1", "learner 0"}, seen)

	for query, place := range map[string]string{"limit=0": "query.limit", "limit=201": "query.limit", "limit=x": "query.limit", "color=red": "query.color"} {
		_, places := c.send("GET", "/api/v1/registrations?"+query, nil).problem(422)
		require.Equal(t, []string{place}, places)
	}
	c.send("GET", "/api/v1/registrations?after=made-up", nil).problem(422)
	c.send("GET", "/api/v1/registrations?learnerId=%00", nil).problem(400)
	c.send("GET", "/api/v1/registrations?learnerId=%ff", nil).problem(400)
}

// TestZEveryOperationHasSucceeded runs last, and only with all the others.
func TestZEveryOperationHasSucceeded(t *testing.T) {
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" || testing.Short() {
		t.Skip("only some of the tests ran")
	}
	s := newService(t)
	for path, methods := range documentOf(s).paths {
		for method := range methods.(map[string]any) {
			require.True(t, called[method+" "+path], "no test has had success with %s %s", method, path)
		}
	}
}
