package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/sequencing"
)

// Version of the API. The first number is that of the path; the others grow with additions and corrections.
const Version = "1.0.0"

const apiPrefix = "/api/v1"

// mount has two levels: the service's mux sends whole subtrees here, and a mux of our own knows the operations, so that what it does not
// know is answered as a problem too.
func (a *api) mount(mux *http.ServeMux) {
	operations := http.NewServeMux()
	doc := a.describe(operations)
	operations.HandleFunc("GET "+apiPrefix+"/openapi.json", serveDocument(doc))
	serveReference(operations, doc)
	mux.Handle(apiPrefix+"/", a.guard(operations, apiHeaders))

	problems := http.NewServeMux()
	problems.HandleFunc("GET "+problemPath+"{kind}", explainProblem)
	mux.Handle(problemPath, a.guard(problems, apiHeaders))

	for _, path := range []string{"/launch/", "/player", "/player/", "/content/"} {
		mux.Handle(path, a.guard(http.NewServeMux(), apiHeaders)) // at players' hosts only
	}
}

// describe registers the operations and returns the OpenAPI document.
func (a *api) describe(mux *http.ServeMux) []byte {
	format := huma.Format{Marshal: encodeJSON, Unmarshal: json.Unmarshal}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Lectern", Version: Version,
			},
			Servers: []*huma.Server{{URL: a.PublicURL}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					schemeKey:     {Type: "http", Scheme: "bearer", Description: "A key of the tenant: lk_ID_SECRET."},
					schemeSession: {Type: "http", Scheme: "bearer", Description: "The session token of an opened launch."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{finishProblem},
	}
	config.AllowAdditionalPropertiesByDefault = true // answers may grow; bodies that are sent say otherwise themselves
	h := humago.New(mux, config)
	h.UseMiddleware(limitTime, a.authenticate(), a.limitRate(), a.readBody(), a.share(), a.remember(), a.limitQuota())
	a.addMe(h)
	a.addKeys(h)
	a.addCourses(h)
	a.addImports(h)
	a.addRegistrations(h)
	a.addLaunches(h)
	a.addAttempts(h)
	a.addUsage(h)
	a.addWebhooks(h)
	a.addErasures(h)
	a.addExports(h)
	a.addRetention(h)
	a.addCommits(h, mux)
	finishDocument(h.OpenAPI())
	doc, err := json.Marshal(h.OpenAPI())
	if err != nil {
		panic("httpapi: the OpenAPI document: " + err.Error()) // it is made of our own types
	}
	return doc
}

// schemaName is huma's, but for the types of package sequencing, which share some names with those of content.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[sequencing.Definition]().PkgPath() {
		return "Sequencing" + name
	}
	return eventName(name)
}

// serveDocument serves the OpenAPI document. It is public: it says nothing that the repository does not.
func serveDocument(doc []byte) http.HandlerFunc {
	sum := sha256.Sum256(doc)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(doc))
	}
}
