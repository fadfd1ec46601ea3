package cmi

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// leniency is how many times longer than the standard's smallest permitted maximum a value may be.
const leniency = 16

// text is characterstring, localized_string_type and the identifiers of SCORM 2004 (RTE 4.1.1.5), and CMIString255, CMIString4096 and
// CMIIdentifier of SCORM 1.2 (RTE 3.4.1). What stands in an identifier or before a localized text is the API's to judge: nothing is lost
// by keeping it. spm is the smallest permitted maximum, in characters.
func text(spm int) valueType {
	return func(value string) string {
		if n := utf8.RuneCountInString(value); n > leniency*spm {
			return fmt.Sprintf("has %d characters; the standard asks for %d, up to %d are kept", n, spm, leniency*spm)
		}
		return ""
	}
}

// manifestValue is what the manifest says, which the player only hands on: no content can change it, and none shall lose its
// commits for what the author wrote.
var manifestValue = text(255)

var languageTag = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9-]{1,64})?$`)

// language is language_type (SCORM 2004 RTE 4.1.1.5), after RFC 1766.
func language(value string) string {
	if len(value) > 250 || !languageTag.MatchString(value) {
		return fmt.Sprintf("%s is not a language; send a tag like en or en-GB", shown(value))
	}
	return ""
}

// shown is a value as a message shows it: cut, so that a mistake does not come back by the megabyte.
func shown(value string) string {
	const most = 32
	if r := []rune(value[:min(len(value), 4*most)]); len(r) > most {
		return fmt.Sprintf("%q…", string(r[:most]))
	}
	return fmt.Sprintf("%q", value)
}
