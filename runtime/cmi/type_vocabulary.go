package cmi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// vocabulary is CMIVocabulary (SCORM 1.2 RTE 3.4.1) and state (SCORM 2004 RTE 4.1.1.5): one of a list of words.
func vocabulary(words ...string) valueType {
	return func(value string) string {
		if slices.Contains(words, value) {
			return ""
		}
		return fmt.Sprintf("%s is not one of %s", shown(value), strings.Join(words, ", "))
	}
}

// either is a value of one of two types, e.g. a word or a number.
func either(a, b valueType) valueType {
	return func(value string) string {
		if a(value) == "" || b(value) == "" {
			return ""
		}
		return a(value) + ", nor " + b(value)
	}
}

var navigationTarget = regexp.MustCompile(`^\{target=\S+\}(choice|jump)$`)

// navigationRequest is adl.nav.request (SCORM 2004 SN 5.6.4).
func navigationRequest(value string) string {
	if navigationTarget.MatchString(value) {
		return ""
	}
	return vocabulary("continue", "previous", "exit", "exitAll", "abandon", "abandonAll", "suspendAll", "_none_")(value)
}
