package httpapi

import (
	"net/http"
	"strings"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
)

// apart sends requests for a player's host to player and all others to service, so that neither is ever shown under the
// other's address. Browsers are asked to keep origins in agents of their own, where document.domain joins nothing, and get
// the script of a service worker nowhere.
func (a *api) apart(player, service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Origin-Agent-Cluster", "?1")
		switch err := launch.RefuseServiceWorker(r.Header); {
		case err != nil:
			writeProblem(w, r, newProblem(http.StatusForbidden, "there are no service workers here"))
		case a.players.IsHost(r.Host):
			player.ServeHTTP(w, r)
		default:
			service.ServeHTTP(w, r)
		}
	})
}

// playerRoutes are all that a player's host has.
func (a *api) playerRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", a.guard(http.NewServeMux(), apiHeaders))

	learner := http.NewServeMux()
	learner.HandleFunc("POST /player/open", a.openLaunch)
	learner.HandleFunc("GET /player/session", a.readSession)
	learner.HandleFunc("POST "+commitPath, a.commit)
	for _, path := range []string{"/player/open", "/player/session", commitPath} {
		mux.Handle(path, a.guard(learner, apiHeaders))
	}
	files := http.NewServeMux()
	files.HandleFunc("GET /content/{grant}/{tenant}/{contentId}/{path...}", a.serveContent)
	mux.Handle("/content/", a.guard(files, contentHeaders))
	if a.Player != nil {
		mux.Handle("/launch/", a.Player)
		mux.Handle("/player", a.Player)
		mux.Handle("/player/", a.Player)
	}
	return mux
}

// atHome refuses a launch at a host that is another course's, whose pages could read what it is given.
func (a *api) atHome(r *http.Request, l *launch.Launch) error {
	if strings.ToLower(r.Host) == a.players.Host(l.TenantID, l.CourseID) {
		return nil
	}
	return fault.New(fault.Forbidden, "this course is not played at this address; open its link as it was given to you")
}
