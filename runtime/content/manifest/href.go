package manifest

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

var (
	hrefBackslash = rule{"href.backslash", warns, "Write forward slashes in URLs.", "RFC 3986 3.3"}
	hrefCase      = rule{"href.case", warns, "Write the name exactly as the file's: servers distinguish case.", "RFC 3986 6.2.2.1"}
	hrefScheme    = rule{"href.scheme", refuses, "Use a path in the package, or an http or https URL.", "RFC 3986 4.2"}
	hrefEscapes   = rule{"href.escapes", refuses, "Point to a file inside the package.", "RFC 3986 5.2.4"}
	hrefInvalid   = rule{"href.invalid", refuses, "Write a valid URL: no spaces in the host's name, percent signs only before two hexadecimal digits, and no more than 4,096 characters.", "RFC 3986 2.1; cmi5 13.1.4"}
)

// reference is where a manifest's URL leads.
type reference struct {
	launch   string // path, query and fragment, percent-encoded; or the absolute URL
	file     string // real name of the file, if it is there; of the missing one otherwise
	absolute bool
	missing  bool
}

var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)

// resolve finds out where a URL of the manifest leads, given the xml:base that holds there (a folder or an absolute URL, or ""). It
// reports what is wrong with the URL; that a file is missing is the caller's to judge. ok is false if nothing can be launched.
func (x *fileIndex) resolve(base, href string, line int, s source) (ref reference, ok bool) {
	href = strings.TrimSpace(href)
	if !scheme.MatchString(href) && !strings.HasPrefix(href, "//") && base != "" {
		href = strings.TrimSuffix(base, "/") + "/" + strings.TrimPrefix(href, "/")
	}
	if strings.HasPrefix(href, "//") {
		href = "https:" + href
	}
	if m := scheme.FindStringSubmatch(href); m != nil {
		return absolute(href, m[1], line, s)
	}
	if len(href) > maxURL {
		s.report(hrefInvalid, line, "A URL has %d characters, more than %d.", len(href), maxURL)
		return reference{}, false
	}
	name, suffix, slashed := x.split(href)
	if slashed {
		s.report(hrefBackslash, line, "%q is written with backslashes.", href)
	}
	name = strings.TrimPrefix(path.Clean(strings.TrimLeft(name, "/")), "./")
	if name == ".." || strings.HasPrefix(name, "../") {
		s.report(hrefEscapes, line, "%q leads out of the package.", href)
		return reference{}, false
	}
	file, found := x.find(name)
	if !found {
		file = name
	} else if file != name {
		s.report(hrefCase, line, "%q is named %q in the package.", name, file)
	}
	return reference{launch: (&url.URL{Path: "/" + file}).EscapedPath()[1:] + suffix, file: file, missing: !found}, true
}

func absolute(href, schemeName string, line int, s source) (reference, bool) {
	if name := strings.ToLower(schemeName); name != "http" && name != "https" {
		s.report(hrefScheme, line, "%q begins with %q, which a course cannot be launched from.", href, schemeName+":")
		return reference{}, false
	}
	if u, err := url.Parse(href); err != nil || u.Host == "" || len(href) > maxURL {
		s.report(hrefInvalid, line, "%q is not a valid URL.", href)
		return reference{}, false
	}
	return reference{launch: href, absolute: true}, true
}

// split takes a relative URL apart: the name of a file, decoded, and query and fragment as they are. A name that the package has
// literally wins: authors forget to encode "#" and "%".
func (x *fileIndex) split(href string) (name, suffix string, slashed bool) {
	name = href
	if i := strings.IndexAny(href, "?#"); i >= 0 {
		if _, ok := x.find(path.Clean(strings.ReplaceAll(href, `\`, "/"))); !ok {
			name, suffix = href[:i], href[i:]
		}
	}
	slashed = strings.Contains(name, `\`)
	name = strings.ReplaceAll(name, `\`, "/")
	if _, ok := x.find(path.Clean(name)); ok {
		return name, suffix, slashed
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		decoded = string(decodeText([]byte(decoded))) // %E9 is an é of Windows-1252
		slashed = slashed || strings.Contains(decoded, `\`)
		name = strings.ReplaceAll(decoded, `\`, "/")
	}
	return name, suffix, slashed
}

// withParameters appends an item's parameters to a launch URL (SCORM 2004 CAM 3.4.1.6; SCORM 1.2 CAM 2.3.2.5). The query goes before a fragment,
// where browsers look for it.
func withParameters(launch, parameters string) string {
	parameters = strings.TrimLeft(strings.TrimSpace(parameters), "?&")
	if parameters == "" {
		return launch
	}
	before, fragment, has := strings.Cut(launch, "#")
	if has {
		fragment = "#" + fragment
	}
	if strings.HasPrefix(parameters, "#") {
		if has {
			return launch
		}
		return launch + parameters
	}
	if strings.Contains(before, "?") {
		return before + "&" + parameters + fragment
	}
	return before + "?" + parameters + fragment
}

// joinBase is the xml:base of an element inside another's (SCORM CAM 3.4.3.1: a folder that ends in a slash).
func joinBase(outer, inner string) string {
	inner = strings.ReplaceAll(strings.TrimSpace(inner), `\`, "/")
	switch {
	case inner == "":
		return outer
	case outer == "" || scheme.MatchString(inner):
		return inner
	}
	return strings.TrimSuffix(outer, "/") + "/" + strings.TrimPrefix(inner, "/")
}
