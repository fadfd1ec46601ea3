// Package console is the pages for people who run courses: upload with progress, the import's report, preview, registrations
// with search and export, an attempt's data, the launch history, webhooks, keys and usage. Plain HTML, CSS and ES modules that use the public API and nothing else.
//
// A person signs in with an API key, which stays in the sessionStorage of the console's tabs (key.js). Courses are played at other
// origins, so none of them can read it. Nothing here is secret, so the pages themselves are public.
package console

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed assets
var embedded embed.FS

// Path is where the console is.
const Path = "/console/"

// policy: nothing inline, nothing from elsewhere, no frames around it, so that no course can dress it up. Uploads go to the object store, whose host is
// known only when an upload begins.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// New serves the console below Path.
func New() (http.Handler, error) {
	files, err := fs.Sub(embedded, "assets")
	if err != nil {
		return nil, err
	}
	server := http.StripPrefix(Path, http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		server.ServeHTTP(w, r)
	}), nil
}

// Front is what is at the root of the console's host: whoever types its name is led to the console.
func Front(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, Path, http.StatusFound)
}
