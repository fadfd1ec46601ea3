package environ

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Var is one variable, filled in.
type Var struct{ Name, Value string }

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkVar refuses what not every reader of the file would read alike. The error does not show the value.
func checkVar(name, value string) error {
	switch {
	case !variableName.MatchString(name):
		return fmt.Errorf("%q is no name of a variable; use letters, digits and _", name)
	case strings.ContainsAny(value, "\n\r"):
		return errors.New("its value has a line break; store it in one line, Base64 for instance")
	case strings.ContainsRune(value, 0):
		return errors.New("its value has a NUL character, which no environment can hold")
	case !utf8.ValidString(value):
		return errors.New("its value is not UTF-8, which systemd wants; store it as Base64")
	}
	return nil
}

// encodeFile is the file for systemd, sh and dotenv, one variable a line.
//
// What they read alike differs with the value: double quotes while nothing in it is special; else single quotes, between
// which nothing is; and where it has a single quote itself, double quotes with a backslash before each of $ ` " \, which
// sh and systemd read alike though not every dotenv. Neither expands anything then. Programs that have to be sure read
// the JSON.
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
func encodeFile(vars []Var) []byte {
	var b strings.Builder
	for _, v := range vars {
		b.WriteString(v.Name + "=" + quote(v.Value) + "\n")
	}
	return []byte(b.String())
}

const special = "$`\"\\"

var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`)

func quote(value string) string {
	switch {
	case !strings.ContainsAny(value, special):
		return `"` + value + `"`
	case !strings.Contains(value, "'"):
		return "'" + value + "'"
	default:
		return `"` + escaper.Replace(value) + `"`
	}
}

// encodeJSON is one object, its keys sorted.
func encodeJSON(vars []Var) []byte {
	object := make(map[string]string, len(vars))
	for _, v := range vars {
		object[v.Name] = v.Value
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // a map of texts
	}
	return append(text, '\n')
}
