package provision

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
)

const (
	redacted = "[secret]"
	// shortest is a text that is worth hiding: hiding shorter ones would hide much else.
	shortest = 6
	// longest is where a line that does not end is broken.
	longest = 64 << 10
)

// redact takes secrets out of a text for the log.
func (m *Machine) redact(text string) string {
	for _, secret := range m.secrets {
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, redacted)
		}
	}
	return text
}

// hide makes redact know the variables that the recipe makes from secrets.
func (m *Machine) hide(environment map[string]string) {
	for _, v := range m.Recipe.Environment {
		if strings.Contains(v.Value, "secret ") && !slices.Contains(m.secrets, environment[v.Name]) {
			m.secrets = append(m.secrets, environment[v.Name])
		}
	}
	slices.SortFunc(m.secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
}

// hidden is an error whose text has no secrets.
type hidden struct {
	error
	text string
}

func (h hidden) Error() string { return h.text }
func (h hidden) Unwrap() error { return h.error }

func (m *Machine) hideIn(err error) error {
	if err == nil {
		return nil
	}
	return hidden{err, m.redact(err.Error())}
}

// lines writes what a command prints into the log, line by line.
type lines struct {
	machine *Machine
	log     *slog.Logger
	level   slog.Level
	rest    []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 && len(l.rest) > longest {
			l.end()
		}
		if end < 0 {
			return len(p), nil
		}
		l.say(l.rest[:end])
		l.rest = l.rest[end+1:]
	}
}

// end writes a last line that has no end.
func (l *lines) end() {
	l.say(l.rest)
	l.rest = nil
}

func (l *lines) say(line []byte) {
	if text := strings.TrimSpace(string(line)); text != "" {
		l.log.Log(context.Background(), l.level, "the command said", "line", l.machine.redact(text))
	}
}
