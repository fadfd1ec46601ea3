package cmi

import (
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// leniency is how many times longer than the standard's smallest permitted maximum a value may be.
const leniency = 16

// text is characterstring (SCORM 2004 RTE 4.1.1.5), CMIString255 and CMIString4096 (SCORM 1.2 RTE 3.4.1). spm is the smallest
// permitted maximum, in characters.
func text(spm int) valueType {
	return func(value string) string {
		if n := utf8.RuneCountInString(value); n > leniency*spm {
			return fmt.Sprintf("has %d characters; the standard asks for %d, up to %d are kept", n, spm, leniency*spm)
		}
		return ""
	}
}

// identifier is CMIIdentifier, short_identifier_type and long_identifier_type (SCORM 2004 RTE 4.1.1.5): text without control
// characters. The standards ask for a URI or URN; content has always used plain names and spaces.
func identifier(spm int) valueType {
	length := text(spm)
	return func(value string) string {
		for _, r := range value {
			if unicode.IsControl(r) {
				return fmt.Sprintf("has the control character %U; an identifier is printable", r)
			}
		}
		return length(value)
	}
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)

// language is language_type (SCORM 2004 RTE 4.1.1.5), after RFC 1766.
func language(value string) string {
	if len(value) > 250 || !languageTag.MatchString(value) {
		return fmt.Sprintf("%s is not a language; send a tag like en or en-GB", shown(value))
	}
	return ""
}

var languageDelimiter = regexp.MustCompile(`^\{lang=([^}]*)\}`)

// localized is localized_string_type (SCORM 2004 RTE 4.1.1.5): text, perhaps after {lang=…}. spm is that of the text.
func localized(spm int) valueType {
	length := text(spm)
	return func(value string) string {
		if m := languageDelimiter.FindStringSubmatch(value); m != nil {
			value = value[len(m[0]):]
			if message := language(m[1]); m[1] != "" && message != "" {
				return message
			}
		}
		return length(value)
	}
}

// shown is a value as a message shows it: cut, so that a mistake does not come back by the megabyte.
func shown(value string) string {
	const most = 32
	if r := []rune(value[:min(len(value), 4*most)]); len(r) > most {
		return fmt.Sprintf("%q…", string(r[:most]))
	}
	return fmt.Sprintf("%q", value)
}
