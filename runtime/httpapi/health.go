package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
)

// AddHealth puts the three health paths on mux; package host documents what they answer and when.
func AddHealth(mux *http.ServeMux, h *host.Health) {
	mux.HandleFunc("GET "+contract.LivePath, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET "+contract.ReadyPath, func(w http.ResponseWriter, _ *http.Request) {
		if h.Ready() {
			answer(w, http.StatusOK, map[string]string{"status": "ready"})
			return
		}
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
	})
	mux.HandleFunc("GET "+contract.HealthPath, func(w http.ResponseWriter, r *http.Request) {
		report := h.Report(r.Context())
		status := http.StatusServiceUnavailable
		if report.WantsTraffic() {
			status = http.StatusOK
		}
		answer(w, status, report)
	})
}

// WhenReady answers 503 until ready says so once, but for the health paths: an instance whose database is away when it starts would otherwise hold each request
// until its time is over.
func WhenReady(ready func() bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case contract.LivePath, contract.ReadyPath, contract.HealthPath:
			next.ServeHTTP(w, r)
			return
		}
		if ready() {
			next.ServeHTTP(w, r)
			return
		}
		writeProblem(w, r, newProblem(http.StatusServiceUnavailable, "the service is starting; try again in a few seconds"))
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client has gone; nobody is left to tell
}
