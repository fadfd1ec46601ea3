package provision

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
)

// longest is where a line that does not end is broken, in bytes.
const longest = 64 << 10

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
	return hidden{err, m.secrets.Hide(err.Error())}
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
		l.log.Log(context.Background(), l.level, "the command said", "line", l.machine.secrets.Hide(text))
	}
}
