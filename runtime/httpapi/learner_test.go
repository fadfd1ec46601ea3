package httpapi_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
)

// playing is the session document as a player reads it.
type playing struct {
	Session, CommitToken string

	ExpiresAt time.Time
	Launch    struct{ ID, Mode, ReturnURL string }
	Learner   struct{ ID, Name string }
	Structure content.Structure

	ContentBase, CommitURL string
	Sequence               int

	Limits  struct{ SuspendData int }
	Attempt struct {
		Number     int
		Result     attempt.Result
		State      any
		Activities []attempt.ActivityState
	}
}

// open redeems a link's token.
func (s *service) open(token string) (p playing) {
	s.t.Helper()
	s.with("").send("POST", "/player/open", map[string]string{"token": token}).is(200, &p)
	return p
}

func (p *playing) commit(s *service, body any) string {
	s.t.Helper()
	var answer struct{ Outcome string }
	s.with(p.Session).send("POST", p.CommitURL, body).is(200, &answer)
	require.Equal(s.t, answer.Outcome, <-s.outcomes)
	return answer.Outcome
}

type object = map[string]any

func commit(sequence int, cmi map[string]string) object {
	return object{"sequence": sequence, "activity": "item_1", "cmi": cmi}
}

var passed = map[string]string{"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "90", "cmi.core.session_time": "00:10:00", "cmi.suspend_data": "page 7"}

func TestALearnerPlaysLeavesAndComesBack(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "<h1>Golf</h1>"})
	c.send("PATCH", "/api/v1/courses/"+in.course, object{"suspendDataLimit": 9000}).is(200)
	r := c.register(in.course, "jane")
	p := s.open(c.link(r, object{"returnUrl": "https://portal.example.org/"}))
	require.Equal(t, "normal", p.Launch.Mode)
	require.Equal(t, "https://portal.example.org/", p.Launch.ReturnURL)
	require.Equal(t, "Doe, Jane", p.Learner.Name)
	require.Equal(t, oneSCO(content.SCORM12), p.Structure)
	require.Equal(t, 9000, p.Limits.SuspendData)
	require.Equal(t, 1, p.Attempt.Number)
	require.Nil(t, p.Attempt.State)
	require.Empty(t, p.Attempt.Activities)
	require.WithinDuration(t, time.Now().Add(launch.SessionLife), p.ExpiresAt, time.Minute)
	require.Equal(t, "<h1>Golf</h1>", s.with("").send("GET", p.ContentBase+"index.html?a=b", nil).is(200).text)

	require.Equal(t, "applied", p.commit(s, commit(1, map[string]string{"cmi.core.lesson_status": "incomplete"})))
	require.Equal(t, "applied", p.commit(s, object{"sequence": 3, "activity": "item_1", "cmi": passed, "course": object{"state": object{"page": 7}}, "final": true}))
	require.Equal(t, "duplicate", p.commit(s, commit(3, passed)))
	require.Equal(t, "ordered", p.commit(s, commit(2, map[string]string{"cmi.core.lesson_status": "failed"})))
	s.with(p.Session).send("GET", "/player/session", nil).problem(410)
	launches := c.items("/api/v1/registrations/" + r + "/launches")
	require.NotEmpty(t, launches[0]["openedAt"])
	require.NotEmpty(t, launches[0]["endedAt"])

	again := s.open(c.link(r, nil))
	require.Equal(t, map[string]any{"page": 7.0}, again.Attempt.State)
	require.Equal(t, attempt.SuccessPassed, again.Attempt.Result.Success)
	require.Equal(t, "page 7", again.Attempt.Activities[0].CMI["cmi.suspend_data"])
	var reloaded playing
	s.with(again.Session).send("GET", "/player/session", nil).is(200, &reloaded)
	require.Equal(t, again.Attempt, reloaded.Attempt)
	require.Equal(t, again.Launch, reloaded.Launch)

	// The first tab has left, and is stale besides: it cannot downgrade anything and is told so.
	failed := map[string]string{"cmi.core.lesson_status": "failed"}
	gone, _ := s.with(p.Session).send("POST", p.CommitURL, commit(4, failed)).problem(410)
	require.Contains(t, gone.Detail, "has ended")
	require.Equal(t, "refused", <-s.outcomes)
	third := s.open(c.link(r, nil))
	require.Equal(t, "superseded", again.commit(s, commit(1, failed)))
	require.Equal(t, "applied", third.commit(s, commit(1, passed)))
	attempts := c.items("/api/v1/registrations/" + r + "/attempts")
	require.Equal(t, "passed", attempts[0]["result"].(map[string]any)["success"])
}

// A course, or whoever got hold of a session, sends the highest number there is, so that nothing counts that comes after it.
func TestASequenceThatJumpsIsRefused(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	require.Zero(t, p.Sequence)
	failed := map[string]string{"cmi.core.lesson_status": "failed"}
	require.Equal(t, "applied", p.commit(s, commit(1, passed)))
	for _, sequence := range []int{1<<63 - 1, 10_002} {
		var jump struct {
			problem
			Newest int
		}
		s.with(p.Session).send("POST", p.CommitURL, commit(sequence, failed)).is(409, &jump)
		require.Equal(t, 1, jump.Newest)
		require.Contains(t, jump.Detail, "more than 10000 above 1")
		require.NotEmpty(t, jump.Instance)
		require.Equal(t, "refused", <-s.outcomes)
	}
	require.Equal(t, "applied", p.commit(s, commit(10_001, failed)), "as far ahead as it may be")

	// The honest page hears that its work is not what is stored, and what to count on from.
	var answer struct {
		Outcome  string
		Sequence int
	}
	s.with(p.Session).send("POST", p.CommitURL, commit(2, passed)).is(200, &answer)
	require.Equal(t, "ordered", <-s.outcomes)
	require.Equal(t, 10_001, answer.Sequence)
	s.with(p.Session).send("POST", p.CommitURL, commit(10_001, passed)).is(200, &answer)
	require.Equal(t, "ordered", <-s.outcomes, "the same number for another state is no duplicate")
	require.Equal(t, "applied", p.commit(s, commit(10_002, passed)))
	var reloaded playing
	s.with(p.Session).send("GET", "/player/session", nil).is(200, &reloaded)
	require.Equal(t, 10_002, reloaded.Sequence)
}

func TestAReloadInATabThatWasOvertakenIsSentAway(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	r := c.register(in.course, "jane")
	first := s.open(c.link(r, nil))
	s.with(first.Session).send("GET", "/player/session", nil).is(200)
	s.open(c.link(r, nil))
	p, _ := s.with(first.Session).send("GET", "/player/session", nil).problem(410)
	require.Contains(t, p.Detail, "opened anew")
}

func TestLinksThatDoNotOpen(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	r := c.register(in.course, "jane")
	open := func(token string) reply { return s.with("").send("POST", "/player/open", object{"token": token}) }

	used := c.link(r, nil)
	p := s.open(used)
	open(used).problem(410)

	late := c.link(r, nil)
	s.forward(6 * time.Minute)
	open(late).problem(410)

	// What somebody else signed, or what was signed for something else.
	other, err := launch.NewKeys(bytes.Repeat([]byte{8}, launch.SecretSize), nil)
	require.NoError(t, err)
	id := c.items("/api/v1/registrations/" + r + "/launches")[0]["id"].(string)
	grant := strings.Split(p.ContentBase, "/")[2]
	fresh := c.link(r, nil)
	for _, token := range []string{other.SignLink(c.tenant, id, time.Now().Add(time.Hour)), p.Session, grant, c.token, fresh + "A", "A" + fresh, ""} {
		open(token).problem(401)
	}
	// A link that is signed well, for a launch that is another tenant's: to this one it is a launch that was erased.
	b := s.tenant()
	open(s.keys.SignLink(b.tenant, id, time.Now().Add(time.Hour))).problem(410)
	s.open(fresh)

	s.with("").send("POST", "/player/open", `{"token":"x","more":1}`).problem(400)
	s.with("").send("POST", "/player/open", `{"token":1}`).problem(400)
	s.with("").send("GET", "/player/open", nil).problem(405)
}

func TestSessionsThatAreNotTaken(t *testing.T) {
	s := newService(t)
	a, b := s.tenant(), s.tenant()
	in := s.course(a.tenant, oneSCO(content.SCORM12), nil)
	link := a.link(a.register(in.course, "jane"), nil)
	p := s.open(link)
	attemptID := a.items("/api/v1/registrations/" + a.items("/api/v1/registrations")[0]["id"].(string) + "/attempts")[0]["id"].(string)

	forged := p.Session[:len(p.Session)-2] + "AA"
	for _, token := range []string{"", forged, link, a.token, strings.Split(p.ContentBase, "/")[2]} {
		got := s.with(token).send("GET", "/player/session", nil)
		got.problem(401)
		require.Contains(t, got.header.Get("WWW-Authenticate"), "Bearer")
		s.with(token).send("POST", p.CommitURL, commit(1, passed)).problem(401)
		require.Equal(t, "refused", <-s.outcomes)
	}
	s.with(p.Session).send("GET", "/api/v1/me", nil).problem(401) // a session is no key

	// A session that is signed well, in which the tenant is not that of the attempt.
	mixed := s.keys.SignSession(launch.Session{LaunchID: p.Launch.ID, TenantID: b.tenant, AttemptID: attemptID, Fence: 1, Mode: launch.ModeNormal, ExpiresAt: time.Now().Add(time.Hour)})
	s.with(mixed).send("GET", "/player/session", nil).problem(410)
	s.with(mixed).send("POST", p.CommitURL, commit(1, passed)).problem(410)
	<-s.outcomes
	require.Equal(t, "unknown", a.items("/api/v1/registrations/" + a.items("/api/v1/registrations")[0]["id"].(string) + "/attempts")[0]["result"].(map[string]any)["success"])
}

func TestACommitIsTakenForAWhileAfterTheLaunchIsOver(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	s.forward(launch.SessionLife + time.Hour)
	s.with(p.Session).send("GET", "/player/session", nil).problem(410)
	s.with("").send("GET", p.ContentBase+"index.html", nil).problem(410)
	require.Equal(t, "applied", p.commit(s, commit(1, passed)))
	s.forward(launch.LateCommits)
	s.with(p.Session).send("POST", p.CommitURL, commit(2, passed)).problem(410)
}

func TestPreviewsAndReviewsKeepNothing(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM2004), map[string]string{"index.html": "x"})
	var l struct{ URL string }
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).is(201, &l)
	p := s.open(tokenOf(t, l.URL))
	require.Equal(t, "browse", p.Launch.Mode)
	require.Equal(t, "Preview", p.Learner.Name)
	require.Equal(t, 64000, p.Limits.SuspendData)
	require.Empty(t, p.Attempt.Activities)
	s.with("").send("GET", p.ContentBase+"index.html", nil).is(200)
	s.with(p.Session).send("GET", "/player/session", nil).is(200)
	problem, _ := s.with(p.Session).send("POST", p.CommitURL, commit(1, nil)).problem(409)
	<-s.outcomes
	require.Contains(t, problem.Detail, "browse keeps nothing")
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", object{"version": 2}).problem(404)
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", object{"returnUrl": "javascript:x"}).problem(422)

	r := c.register(in.course, "jane")
	normal := s.open(c.link(r, nil))
	done := map[string]string{"cmi.completion_status": "completed"}
	require.Equal(t, "applied", normal.commit(s, commit(1, done)))
	review := s.open(c.link(r, object{"mode": "review"}))
	require.Equal(t, "completed", review.Attempt.Activities[0].CMI["cmi.completion_status"])
	s.with(review.Session).send("POST", review.CommitURL, commit(1, done)).problem(409)
	<-s.outcomes
	browse := s.open(c.link(r, object{"mode": "browse"}))
	require.Empty(t, browse.Attempt.Activities)
	require.Equal(t, "applied", normal.commit(s, commit(2, done)), "neither has overtaken the learner")
}

func TestCommitsAreChecked(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, twoSCOs(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	send := func(body any) reply { return s.with(p.Session).send("POST", p.CommitURL, body) }

	_, places := send(object{"sequence": 0, "activity": "item_9", "cmi": map[string]string{"cmi.core.lesson_status": "excellent", "cmi.nothing": "x"}}).problem(422)
	require.ElementsMatch(t, []string{"body.sequence", "body.activity", `body.cmi["cmi.core.lesson_status"]`, `body.cmi["cmi.nothing"]`, "body.course.result"}, places)
	_, places = send(object{"sequence": 1, "activity": "item_1", "cmi": passed, "course": object{"result": object{
		"completion": "done", "success": "", "progress": 2, "totalSeconds": -1, "score": object{"scaled": 7},
	}}}).problem(422)
	require.ElementsMatch(t, []string{"body.course.result.completion", "body.course.result.success", "body.course.result.progress", "body.course.result.totalSeconds", "body.course.result.score.scaled"}, places)
	for name, body := range map[string]any{
		"unknown field": object{"sequence": 1, "activity": "item_1", "cmi": passed, "fence": 9}, "no object": `[]`, "wrong type": `{"sequence":"1"}`, "nothing": ``,
	} {
		require.Equal(t, 422, send(body).status, name)
	}
	send(`{"sequence":1}{}`).problem(422)
	send("{\"activity\":\"\xff\"}").problem(400)
	send(strings.Repeat("[", 40)).problem(400)
	s.with(p.Session).send("POST", p.CommitURL, `{}`, "Content-Type", "text/plain").problem(415)

	result := object{"completion": "incomplete", "success": "unknown", "totalSeconds": 600}
	require.Equal(t, "refused", <-s.outcomes)
	for len(s.outcomes) > 0 {
		<-s.outcomes
	}
	require.Equal(t, "applied", p.commit(s, object{"sequence": 1, "activity": "item_1", "cmi": passed, "course": object{"result": result, "state": nil}}))

	large := object{"sequence": 2, "activity": "item_1", "cmi": passed, "course": object{"result": result, "state": strings.Repeat("x", 1<<20)}}
	send(large).problem(413)
	<-s.outcomes
	large["course"].(object)["state"] = strings.Repeat("x", 1<<19)
	require.Equal(t, "applied", p.commit(s, large))
}

func TestAnAttemptShowsWhatWasTracked(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, twoSCOs(content.SCORM2004), nil)
	r := c.register(in.course, "jane")
	p := s.open(c.link(r, nil))
	cmi := map[string]string{
		"cmi.completion_status": "completed", "cmi.success_status": "passed", "cmi.score.scaled": "0.8",
		"cmi.objectives.0.id": "swing", "cmi.objectives.0.success_status": "passed", "cmi.objectives.0.score.scaled": "1",
		"cmi.interactions.0.id": "q1", "cmi.interactions.0.type": "choice", "cmi.interactions.0.learner_response": "a[,]b", "cmi.interactions.0.result": "correct",
		"cmi.interactions.0.correct_responses.0.pattern": "a[,]b", "cmi.interactions.0.correct_responses.1.pattern": "c", "cmi.interactions.0.objectives.0.id": "swing",
		"cmi.interactions.1.id": "q2", "cmi.interactions.1.type": "true-false",
	}
	result := object{"completion": "completed", "success": "passed", "score": object{"scaled": 0.8}, "progress": 0.5, "totalSeconds": 61.5}
	for n, activity := range []string{"item_2", "item_1"} {
		require.Equal(t, "applied", p.commit(s, object{"sequence": n + 1, "activity": activity, "cmi": cmi, "course": object{"result": result}}))
	}
	id := c.items("/api/v1/registrations/" + r + "/attempts")[0]["id"].(string)
	var a struct {
		Result     attempt.Result
		Activities []struct {
			ActivityID, Title string
			Result            attempt.Result
			CMI               map[string]string
			Interactions      []object
			Objectives        []object
		}
	}
	c.send("GET", "/api/v1/attempts/"+id, nil).is(200, &a)
	require.Equal(t, 61.5, a.Result.TotalSeconds)
	require.Len(t, a.Activities, 2)
	require.Equal(t, "item_1", a.Activities[0].ActivityID, "in the order of the course")
	require.Equal(t, "Playing", a.Activities[0].Title)
	require.Equal(t, attempt.SuccessPassed, a.Activities[0].Result.Success)
	require.Equal(t, cmi, a.Activities[0].CMI)
	require.Equal(t, []object{
		{"id": "q1", "type": "choice", "learnerResponse": "a[,]b", "result": "correct", "correctResponses": []any{"a[,]b", "c"}, "objectives": []any{"swing"}},
		{"id": "q2", "type": "true-false"},
	}, a.Activities[0].Interactions)
	require.Equal(t, []object{{"id": "swing", "successStatus": "passed", "score": object{"scaled": "1"}}}, a.Activities[0].Objectives)
}

func TestNothingOfALearnerIsInTheLog(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "x"})
	r := c.register(in.course, "jane@example.org")
	link := c.link(r, nil)
	p := s.open(link)
	s.with("").send("GET", p.ContentBase+"index.html", nil).is(200)
	p.commit(s, commit(1, passed))
	c.send("GET", "/api/v1/registrations?learnerId=jane@example.org", nil).is(200)
	require.Eventually(t, func() bool { // the line is written after the answer
		return strings.Contains(s.log.String(), `"route":"POST /api/v1/commits","status":200`) && strings.Contains(s.log.String(), `"route":"GET /api/v1/registrations","status":200`)
	}, 10*time.Second, 5*time.Millisecond)
	for _, private := range []string{"jane", "Doe", link, p.Session, strings.Split(p.ContentBase, "/")[2], c.token, r, "page 7"} {
		require.NotContains(t, s.log.String(), private)
	}
}

func TestOnlySCORMIsLaunchedSoFar(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	for _, standard := range []content.Standard{content.CMI5, content.XAPI, content.AICC} {
		in := s.course(c.tenant, oneSCO(standard), nil)
		p, _ := c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).problem(409)
		require.Contains(t, p.Detail, string(standard))
		c.send("POST", "/api/v1/registrations/"+c.register(in.course, "jane")+"/launches", nil).problem(409)
	}
}
