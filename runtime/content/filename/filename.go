// Package filename is what files and folders of a course may be called: one rule for the importer, which stores them, and for the
// server, which answers for their addresses.
package filename

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// twice is an escape in a name that a second decoding would turn into a separator, a dot, a NUL or another escape's sign.
// Between a browser and the store there are proxies, and not all of them decode once.
var twice = regexp.MustCompile(`(?i)%(2f|5c|2e|00|25)`)

// Problem is why a name cannot be that of a file or folder, for a person; "" if it can. The function at the edge knows the same rule
// (constructs/edge/content_function.js).
func Problem(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case name == "." || name == "..":
		return "it is a direction and no name"
	case !utf8.ValidString(name):
		return "it is not UTF-8"
	case strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return "it has a control character"
	case strings.ContainsAny(name, `/\`):
		return "it has a slash or backslash"
	}
	if escape := twice.FindString(name); escape != "" {
		return "it has " + escape + ", which browsers and servers may read as another name"
	}
	return ""
}
