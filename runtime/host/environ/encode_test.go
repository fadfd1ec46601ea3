package environ

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// nasty are values that some reader would take for something else if they were written carelessly.
var nasty = []string{
	"", "plain", " leading and trailing ", "a=b", "# no comment", "a#b", "tab\there", "two  blanks", "back\\slash", "end\\", `\n is no line break`,
	`"quoted"`, `'single'`, `it's`, `both ' and "`, "$HOME", "${HOME}", "$(id)", "`id`", "a;b&c|d>e<f", "!history!", "*?[a]", "~", "%n %%",
	`'"'"'`, `\'`, `\"`, `\$`, "$'\\x41'", "ünïcode ✓ 漢字", "\x1b[31m", "a\u00a0b", "export X=1", `p@ss:w/ord?x=1&y#z`, `$'`, `\\'"$` + "`",
}

func TestShReadsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "environment")
	for _, value := range nasty {
		require.NoError(t, os.WriteFile(path, encodeFile([]Var{{"BEFORE", "1"}, {"VALUE", value}, {"AFTER", "2"}}), 0o600))
		out, err := exec.Command("/bin/sh", "-euc", `. "$1"; printf '%s|%s|%s' "$BEFORE" "$VALUE" "$AFTER"`, "sh", path).CombinedOutput()
		require.NoError(t, err, "%q: %s", value, out)
		require.Equal(t, "1|"+value+"|2", string(out))
	}
}

func TestSystemdReadsWhatWasWritten(t *testing.T) {
	for _, value := range nasty {
		require.Equal(t, value, systemdValue(t, strings.TrimSuffix(string(encodeFile([]Var{{"VALUE", value}})), "\n")), "%q", value)
	}
}

// systemdValue reads a quoted line as systemd does: a backslash between double quotes hides what sh would have it hide,
// and stays before anything else; nothing is special between single quotes. The boot tests ask systemd itself.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
func systemdValue(t *testing.T, line string) string {
	t.Helper()
	text, found := strings.CutPrefix(line, "VALUE=")
	require.True(t, found, line)
	mark, text := text[0], text[1:]
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == mark:
			require.Equal(t, len(text)-1, i, "something follows the closing quote of %s", line)
			return value.String()
		case c == '\\' && mark == '"':
			i++
			if !strings.ContainsRune("\"\\`$", rune(text[i])) {
				value.WriteByte('\\')
			}
			value.WriteByte(text[i])
		default:
			value.WriteByte(c)
		}
	}
	require.Fail(t, "no closing quote", line)
	return ""
}

func TestDotenvReadsWhatHasNoSingleQuote(t *testing.T) {
	for _, value := range nasty {
		if strings.Contains(value, "'") && strings.ContainsAny(value, special) {
			continue // parsers differ; see encodeFile
		}
		line := quote(value)
		require.Equal(t, value, line[1:len(line)-1], "what is between the quotes is the value: %s", line)
		require.NotContains(t, line[1:len(line)-1], line[:1])
		if line[0] == '"' {
			require.False(t, strings.ContainsAny(value, special))
		}
	}
}

func TestJSONHoldsThemToo(t *testing.T) {
	for _, value := range nasty {
		var object map[string]string
		require.NoError(t, json.Unmarshal(encodeJSON([]Var{{"VALUE", value}}), &object))
		require.Equal(t, map[string]string{"VALUE": value}, object)
	}
}

func TestWhatReadersWouldNotReadAlikeIsRefused(t *testing.T) {
	for value, problem := range map[string]string{
		"hunter2\nX=1": "line break", "hunter2\r": "line break", "hunter2\x00": "NUL", "hunter2\xff": "not UTF-8",
	} {
		err := checkVar("VALUE", value)
		require.ErrorContains(t, err, problem)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, name := range []string{"", "1A", "A-B", "A B", "A=B", "ü"} {
		require.ErrorContains(t, checkVar(name, ""), "is no name of a variable")
	}
	for _, value := range nasty {
		require.NoError(t, checkVar("_A1", value))
	}
}
