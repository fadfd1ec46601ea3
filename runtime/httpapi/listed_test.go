package httpapi_test

import (
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/tenant"
)

func (c caller) registerAs(course, learner, name string) (id string) {
	c.s.t.Helper()
	var made struct{ ID string }
	c.send("POST", "/api/v1/registrations", map[string]any{"courseId": course, "learner": map[string]string{"id": learner, "name": name}}).is(201, &made)
	return made.ID
}

func TestRegistrationsAreListedWithWhatTheLearnerDid(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	id := c.registerAs(in.course, "jane@example.org", "Doe, Jane")
	c.registerAs(in.course, "joe", "Bloggs, Joe")
	p := s.open(c.link(id, nil))
	p.commit(s, commit(1, map[string]string{"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "80"}))

	all := c.items("/api/v1/registrations")
	require.Len(t, all, 2)
	require.Equal(t, "Golf", all[1]["courseTitle"])
	latest := all[1]["latestAttempt"].(map[string]any)
	require.Equal(t, "passed", latest["result"].(map[string]any)["success"])
	require.NotEmpty(t, latest["lastActivityAt"])
	require.NotContains(t, all[0]["latestAttempt"], "lastActivityAt", "never opened")

	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	for query, want := range map[string]int{
		"search=doe": 1, "search=GOLF": 2, "search=golf&success=passed": 1, "completion=not+attempted": 1, "completion=completed": 1, "success=failed": 0,
		"changedSince=" + soon: 0, "changedBefore=" + soon: 2, "learnerId=joe": 1, "courseId=" + newID(): 0,
	} {
		require.Len(t, c.items("/api/v1/registrations?"+query), want, query)
	}
	for query, place := range map[string]string{"completion=done": "query.completion", "success=1": "query.success", "changedSince=monday": "query.changedSince"} {
		_, places := c.send("GET", "/api/v1/registrations?"+query, nil).problem(422)
		require.Equal(t, []string{place}, places)
	}
	refused, _ := c.send("GET", "/api/v1/registrations?search=%21", nil).problem(422)
	require.Contains(t, refused.Detail, "letter")
}

func readCSV(t *testing.T, got reply) [][]string {
	t.Helper()
	require.Equal(t, "text/csv; charset=utf-8; header=present", got.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="registrations.csv"`, got.header.Get("Content-Disposition"))
	require.Equal(t, strings.Count(got.text, "\n"), strings.Count(got.text, "\r\n"), "lines end as RFC 4180 has it")
	rows, err := csv.NewReader(strings.NewReader(got.text)).ReadAll()
	require.NoError(t, err)
	return rows
}

func TestRegistrationsAreExported(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	id := c.registerAs(in.course, "jane", `Doe, "Jane" Zoë`)
	p := s.open(c.link(id, nil))
	p.commit(s, commit(1, map[string]string{"cmi.core.lesson_status": "failed", "cmi.core.score.raw": "2.5"}))
	for n, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "a=1", ""} { // a carriage return alone is left out, as lines end in both
		c.registerAs(in.course, "l"+strconv.Itoa(n), name)
	}
	c.registerAs(in.course, `=HYPERLINK("https://evil.example","open")`, "")

	rows := readCSV(t, c.send("GET", "/api/v1/registrations.csv", nil).is(200))
	require.Equal(t, "registrationId,learnerId,learnerName,courseId,courseTitle,registeredAt,attempt,version,completion,success,scoreRaw,scoreMin,scoreMax,scoreScaled,progress,totalSeconds,lastActivityAt",
		strings.Join(rows[0], ","))
	require.Len(t, rows, 1+12)
	jane := rows[12]
	require.Equal(t, []string{id, "jane", `Doe, "Jane" Zoë`, in.course, "Golf"}, jane[:5])
	require.Equal(t, []string{"1", "1", "completed", "failed", "2.5"}, jane[6:11])
	require.NotEmpty(t, jane[16])
	var names []string
	for _, row := range rows[2:12] {
		names = append([]string{row[2]}, names...)
	}
	require.Equal(t, []string{"'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'x", "'\nx", "'＝1", "a=1", ""}, names)
	require.Equal(t, `'=HYPERLINK("https://evil.example","open")`, rows[1][1])

	rows = readCSV(t, c.send("GET", "/api/v1/registrations.csv?"+url.Values{"search": {"jane"}, "success": {"failed"}}.Encode(), nil).is(200))
	require.Len(t, rows, 2)
	c.send("GET", "/api/v1/registrations.csv?limit=1", nil).problem(422)
	c.send("GET", "/api/v1/registrations.csv?success=x", nil).problem(422)
	s.key(c.tenant, tenant.ScopeWrite).send("GET", "/api/v1/registrations.csv", nil).problem(403)
	require.Len(t, readCSV(t, s.tenant().send("GET", "/api/v1/registrations.csv", nil).is(200)), 1, "another tenant has nothing")
}

func TestAnExportIsStreamedAndNeverLooksWhole(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	for n := range 401 { // three pages
		c.registerAs(in.course, "learner-"+strconv.Itoa(n), strings.Repeat("n", 200))
	}
	require.Len(t, readCSV(t, c.send("GET", "/api/v1/registrations.csv", nil).is(200)), 402)

	r, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/api/v1/registrations.csv", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, []string{"chunked"}, answer.TransferEncoding)
	_, err = io.Copy(io.Discard, answer.Body)
	require.NoError(t, err)
}

func TestUsage(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	type counted struct {
		Courses, Versions, StoredBytes, Registrations, Attempts, LaunchesLast30Days, Webhooks, Keys int64
		CountedAt                                                                                   time.Time
		Limits                                                                                      map[string]int64
	}
	var first, same, later counted
	c.send("GET", "/api/v1/usage", nil).is(200, &first)
	require.Equal(t, counted{Keys: 1, CountedAt: first.CountedAt}, first)
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	c.link(c.register(in.course, "jane"), nil)
	c.webhook()
	c.send("GET", "/api/v1/usage", nil).is(200, &same)
	require.Equal(t, first, same, "figures are kept for half a minute")
	s.forward(31 * time.Second)
	c.send("GET", "/api/v1/usage", nil).is(200, &later)
	require.Equal(t, []int64{1, 1, 1, 1, 1, 1, 1}, []int64{later.Courses, later.Versions, later.Registrations, later.Attempts, later.LaunchesLast30Days, later.Webhooks, later.Keys})
	require.Positive(t, later.StoredBytes)
	s.key(c.tenant, tenant.ScopeWrite).send("GET", "/api/v1/usage", nil).problem(403)
}
