package manifest

import (
	"net/url"
	"strings"
)

// reserved are the parameters that a launch adds to a unit's URL (cmi5 8.1).
var reserved = []string{"endpoint", "fetch", "actor", "registration", "activityId"}

// url is what a unit launches; "" if that was reported.
func (r *courseReader) url(e, au *element) string {
	href := e.content()
	if href == "" {
		r.report(cmi5URL, au.line, "The unit %q has no url.", au.value("id"))
		return ""
	}
	r.query(href, e.line)
	if r.pkg == nil && !scheme.MatchString(href) {
		r.report(cmi5Relative, e.line, "The url %q is relative, and the course structure came without files.", href)
		return ""
	}
	ref, ok := r.launch(cmi5File, "", href, e.line)
	if !ok {
		return ""
	}
	return ref.launch
}

func (r *courseReader) query(href string, line int) {
	_, query, _ := strings.Cut(href, "?")
	query, _, _ = strings.Cut(query, "#")
	values, _ := url.ParseQuery(query)
	for _, name := range reserved {
		if values.Has(name) {
			r.report(cmi5Query, line, "The url %q has the parameter %q.", href, name)
		}
	}
}
