package httpapi

import (
	"net/http"

	"github.com/lectern/lectern/runtime/httpapi/reference"
)

const referencePath = apiPrefix + "/docs"

// serveReference serves the page that says what the API does. Like the document it is public.
func serveReference(mux *http.ServeMux, doc []byte) {
	var kinds []reference.Problem
	for _, k := range problemKinds {
		kinds = append(kinds, reference.Problem{Name: k.Name, Means: k.Means, Do: k.Do, Status: k.Status})
	}
	page, css, err := reference.New(referencePath, doc, kinds)
	if err != nil {
		panic("httpapi: the reference: " + err.Error()) // it is made of our own document
	}
	mux.Handle("GET "+referencePath, page)
	mux.Handle("GET "+referencePath+reference.StylePath, css)
}

// explainProblem leads from the type of a problem to what the reference says of it.
func explainProblem(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("kind")
	for _, k := range problemKinds {
		if k.Name == name {
			w.Header().Set("Location", referencePath+"#problem-"+name)
			w.WriteHeader(http.StatusFound)
			return
		}
	}
	writeProblem(w, r, newProblem(http.StatusNotFound, "there is no kind of problem with this name"))
}
