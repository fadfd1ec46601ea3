package launch

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/lectern/lectern/runtime/content/filename"
	"github.com/lectern/lectern/runtime/fault"
)

// ContentRoot is where content URLs begin; see SignGrant.
const ContentRoot = "/content/"

// A tenant's or content's id as it may stand in a URL. Stricter than a URL's rules: nothing in it needs escaping.
var idInPath = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// ParseContentPath takes apart the path of a content URL as it was sent, still percent-encoded
// ((*url.URL).EscapedPath, without the query): /content/GRANT/TENANT/CONTENT/path. file is decoded: it is the path in the
// package, so content.FilePrefix(tenant, contentID) + file is the object's key. The grant is not checked.
//
// Paths that try to leave their folder, or that two readers could read differently, are fault.NotFound: see filename.Problem, by
// which packages are imported too. The function at the edge refuses the same (constructs/edge/content_function.js).
func ParseContentPath(path string) (grant, tenant, contentID, file string, err error) {
	refused := fault.New(fault.NotFound, "There is no content at this address.")
	rest, ok := strings.CutPrefix(path, ContentRoot)
	parts := strings.SplitN(rest, "/", 4)
	if !ok || len(parts) < 4 || parts[0] == "" || !idInPath.MatchString(parts[1]) || !idInPath.MatchString(parts[2]) {
		return "", "", "", "", refused
	}
	segments := strings.Split(parts[3], "/")
	for i, segment := range segments {
		name, err := url.PathUnescape(segment)
		if err != nil || filename.Problem(name) != "" {
			return "", "", "", "", refused
		}
		segments[i] = name
	}
	return parts[0], parts[1], parts[2], strings.Join(segments, "/"), nil
}

// ContentPath is the path of a content URL, percent-encoded so that ParseContentPath gives the same back. file may be "":
// then it ends in a slash and is what relative addresses are resolved against.
func ContentPath(grant, tenant, contentID, file string) string {
	segments := strings.Split(file, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return ContentRoot + grant + "/" + tenant + "/" + contentID + "/" + strings.Join(segments, "/")
}

// RefuseServiceWorker is fault.Unauthorized for a request for the script of a service worker, which browsers mark
// (https://w3c.github.io/ServiceWorker/#service-worker-script-request). A course has none: it would answer requests of its
// origin for learners who come later, when its launch is long over.
func RefuseServiceWorker(h http.Header) error {
	if h.Get("Service-Worker") == "" {
		return nil
	}
	return fault.New(fault.Unauthorized, "A course has no service worker.")
}
