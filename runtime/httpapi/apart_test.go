package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/tenant"
)

func TestPlayersAndTheConsoleAreAtDifferentHosts(t *testing.T) {
	s := newService(t, func(e *engine) {
		e.Player = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Player", r.URL.Path) })
	})
	for host, player := range map[string]bool{
		"x.play.localhost": true, "X.Play.LOCALHOST:8400": true, "x.play.localhost.": true, "play.localhost": true,
		"localhost": false, "10.0.0.7": false, "x.play.localhost.evil.test": false, "": false,
	} {
		for path, at := range map[string]struct{ player, service int }{
			"/launch/token": {200, 404}, "/player": {200, 404}, "/player/assets/1/player.js": {200, 404}, "/player/session": {401, 404},
			"/content/g/t/c/x.html": {403, 404}, "/api/v1/commits": {405, 405},
			"/api/v1/me": {404, 401}, "/api/v1/openapi.json": {404, 200}, "/console/": {404, 404}, "/": {404, 404}, "/api/health": {404, 404},
		} {
			want := at.service
			if player {
				want = at.player
			}
			got := s.with("").send("GET", path, nil, "Host", host)
			require.Equal(t, want, got.status, "%s at %q", path, host)
			require.Equal(t, "?1", got.header.Get("Origin-Agent-Cluster"))
			require.Equal(t, player && want == 200, got.header.Get("X-Player") != "", "%s at %q", path, host)
			got = s.with("").send("GET", path, nil, "Host", host, "Service-Worker", "script")
			require.Equal(t, 403, got.status, "the script of a service worker: %s at %q", path, host)
		}
	}
}

func TestALaunchOpensAtItsCoursesHostOnly(t *testing.T) {
	s := newService(t)
	a, b := s.tenant(), s.tenant()
	in, other, rival := s.course(a.tenant, oneSCO(content.SCORM12), nil), s.course(a.tenant, oneSCO(content.SCORM12), nil), s.course(b.tenant, oneSCO(content.SCORM12), nil)
	token := a.link(a.register(in.course, "jane"), nil)
	elsewhere := []string{s.players.Host(a.tenant, other.course), s.players.Host(b.tenant, rival.course), s.players.Host(a.tenant, in.course) + ":8400", "x.play.localhost"}
	for _, host := range elsewhere {
		p, _ := s.with("").send("POST", "/player/open", object{"token": token}, "Host", host).problem(403)
		require.Contains(t, p.Detail, "not played at this address")
	}
	p := s.open(token) // the link was not used up
	for _, host := range elsewhere {
		s.with(p.Session).send("GET", "/player/session", nil, "Host", host).problem(403)
	}
	s.with(p.Session).send("GET", "/player/session", nil, "Host", strings.ToUpper(s.players.Host(a.tenant, in.course))).is(200)
}

func TestVersionsOfACourseShareItsOrigin(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	var first, second struct{ URL string }
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).is(201, &first)
	c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).is(201, &second)
	host := "http://" + s.players.Host(c.tenant, in.course) + "/launch/"
	require.True(t, strings.HasPrefix(first.URL, host) && strings.HasPrefix(second.URL, host), first.URL)
}

// What waits in a browser beside undelivered work is good for commits of its launch and for nothing else.
func TestACommitTokenReadsNothing(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	home := s.players.Host(c.tenant, in.course)
	s.with(p.CommitToken).send("GET", "/player/session", nil, "Host", home).problem(401)
	s.with(p.CommitToken).send("GET", "/api/v1/me", nil).problem(401)
	s.with("").send("POST", "/player/open", object{"token": p.CommitToken}, "Host", home).problem(401)
	for _, host := range []string{home, "localhost"} {
		s.with(p.CommitToken).send("POST", "/api/v1/commits", commit(1, passed), "Host", host).is(200)
		<-s.outcomes
	}
}

func TestALaunchThatIsEndedIsOver(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"index.html": "x"})
	r := c.register(in.course, "jane")
	p := s.open(c.link(r, nil))
	require.Equal(t, "applied", p.commit(s, commit(1, map[string]string{"cmi.core.lesson_status": "incomplete"})))

	s.key(c.tenant, tenant.ScopeRead).send("POST", "/api/v1/launches/"+p.Launch.ID+"/end", nil).problem(403)
	var ended launch.Launch
	c.send("POST", "/api/v1/launches/"+p.Launch.ID+"/end", nil).is(200, &ended)
	require.NotNil(t, ended.EndedAt)
	var again launch.Launch
	c.send("POST", "/api/v1/launches/"+p.Launch.ID+"/end", nil).is(200, &again)
	require.Equal(t, ended, again)

	problem, _ := s.with(p.Session).send("GET", "/player/session", nil).problem(410)
	require.Contains(t, problem.Detail, "this launch has ended")
	for _, token := range []string{p.Session, p.CommitToken} {
		problem, _ = s.with(token).send("POST", p.CommitURL, commit(2, passed)).problem(410)
		require.Contains(t, problem.Detail, "this launch has ended")
		require.Equal(t, "refused", <-s.outcomes)
	}
	require.Equal(t, "unknown", c.items("/api/v1/registrations/" + r + "/attempts")[0]["result"].(map[string]any)["success"])

	next := s.open(c.link(r, nil)) // the learner may open the course again
	require.Equal(t, "applied", next.commit(s, commit(1, passed)))

	unopened := c.link(r, nil)
	c.send("POST", "/api/v1/launches/"+c.items("/api/v1/registrations/" + r + "/launches")[0]["id"].(string)+"/end", nil).is(200)
	problem, _ = s.with("").send("POST", "/player/open", object{"token": unopened}).problem(410)
	require.Contains(t, problem.Detail, "has ended")
	c.send("POST", "/api/v1/launches/"+newID()+"/end", nil).problem(404)
}

func TestAnotherInstanceLearnsSoonThatALaunchHasEnded(t *testing.T) {
	s, other := newService(t), newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	require.Equal(t, "applied", p.commit(other, commit(1, passed)))
	c.send("POST", "/api/v1/launches/"+p.Launch.ID+"/end", nil).is(200)
	other.forward(5 * time.Second)
	other.with(p.CommitToken).send("POST", p.CommitURL, commit(2, passed)).problem(410)
}

// A final commit ends a launch too, but what was sent before it may still arrive, and its own answer may have been lost.
func TestALaunchThatItsLearnerHasLeftTakesWhatIsOnItsWay(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	final := object{"sequence": 2, "activity": "item_1", "cmi": passed, "final": true}
	require.Equal(t, "applied", p.commit(s, final))
	s.forward(time.Minute)
	require.Equal(t, "duplicate", p.commit(s, final))
	require.Equal(t, "ordered", p.commit(s, commit(1, map[string]string{})))
	c.send("POST", "/api/v1/launches/"+p.Launch.ID+"/end", nil).is(200)
	s.with(p.CommitToken).send("POST", p.CommitURL, commit(3, passed)).problem(410)
}

// Where players have one name for all, a second tenant's courses would be on the first one's origin.
func TestWithoutNamesOneTenantPlays(t *testing.T) {
	s := newService(t, func(e *engine) { e.PlayerURL = "http://play.localhost" })
	c := s.tenant()
	s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p, _ := c.send("POST", "/api/v1/courses/"+in.course+"/preview", nil).problem(409)
	require.Contains(t, p.Detail, "one name for all their players")
}
