package filename_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content/filename"
)

func TestNames(t *testing.T) {
	for name, reason := range map[string]string{
		"index.html": "", "Über uns.html": "", "100%.html": "", "100%20.html": "", "a?b#c&d=e+f;g": "", "...": "", ".htaccess": "", "%zz": "", "漢": "",
		"": "empty", ".": "direction", "..": "direction", "a/b": "slash", `a\b`: "slash", "a\x00": "control", "a\n": "control", "a\x7f": "control", "a\xff": "UTF-8",
		"100%25.html": "%25", "a%2Fb": "%2F", "a%5cb": "%5c", "%2e%2e": "%2e", "a%00": "%00",
	} {
		if reason == "" {
			require.Empty(t, filename.Problem(name), name)
		} else {
			require.Contains(t, filename.Problem(name), reason, name)
		}
	}
}
