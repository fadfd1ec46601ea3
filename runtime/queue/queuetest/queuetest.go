// Package queuetest is what every queue.Port must do.
package queuetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/queue"
)

// What the queue of a Subject is set to.
const (
	Visibility  = 2 * time.Second
	MaxReceives = 3
)

// Subject is a kind of queue to be tested.
type Subject struct {
	// Open makes an empty queue with Visibility and MaxReceives. deadLetters are the bodies of what was given up.
	Open func(t *testing.T) (q queue.Port, deadLetters func() []string)
	// Within runs a test, e.g. synctest.Test; nil just runs it.
	Within func(*testing.T, func(*testing.T))
}

// Run runs the suite. Time passes by sleeping.
func Run(t *testing.T, s Subject) {
	if s.Within == nil {
		s.Within = func(t *testing.T, f func(*testing.T)) { f(t) }
	}
	for name, test := range map[string]func(*testing.T, *fixture){
		"a message arrives once and is deleted":          sendAndDelete,
		"up to ten at a time":                            batches,
		"an empty queue is waited for":                   waiting,
		"a message that arrives ends the waiting":        wakesUp,
		"waiting ends with its context":                  waitingIsOver,
		"what is not deleted comes back":                 redelivery,
		"what is extended stays away":                    extended,
		"what is given back comes at once":               givenBack,
		"what is extended too late is not held by two":   extendedTooLate,
		"what comes back too often is a dead letter":     deadLetters,
		"everything is worked though consumers die":      consumersDie,
		"a body arrives as it was sent":                  bodies,
		"the numbers are those of what is there":         stats,
		"messages and time-outs that cannot be: refused": refusals,
		"a queue that is there answers":                  ping,
	} {
		t.Run(name, func(t *testing.T) {
			s.Within(t, func(t *testing.T) {
				q, dead := s.Open(t)
				test(t, &fixture{Port: q, dead: dead})
			})
		})
	}
}

type fixture struct {
	queue.Port
	dead func() []string
}

func (f *fixture) send(t *testing.T, body string) {
	t.Helper()
	require.NoError(t, f.Send(t.Context(), []byte(body)))
}

func (f *fixture) receive(t *testing.T, wait time.Duration) []queue.Message {
	t.Helper()
	found, err := f.Receive(t.Context(), 10, wait)
	require.NoError(t, err)
	return found
}

// one receives the only message there is.
func (f *fixture) one(t *testing.T, wait time.Duration) queue.Message {
	t.Helper()
	found := f.receive(t, wait)
	require.Len(t, found, 1)
	return found[0]
}

const within = Visibility + time.Second // a message that was received is back by then

func sendAndDelete(t *testing.T, f *fixture) {
	require.Empty(t, f.receive(t, 0))
	f.send(t, "work")
	m := f.one(t, time.Second)
	require.Equal(t, "work", string(m.Body))
	require.Equal(t, 1, m.Receives)
	require.NotEmpty(t, m.ID)
	require.NotEmpty(t, m.Receipt)
	require.Empty(t, f.receive(t, 0), "it is in flight")
	require.NoError(t, f.Delete(t.Context(), m))
	require.NoError(t, f.Delete(t.Context(), m), "it is gone already")
	require.Empty(t, f.receive(t, within))
}

func batches(t *testing.T, f *fixture) {
	for i := range 25 {
		f.send(t, fmt.Sprint(i))
	}
	seen := map[string]bool{}
	for len(seen) < 25 {
		found := f.receive(t, time.Second)
		require.NotEmpty(t, found)
		require.LessOrEqual(t, len(found), 10)
		for _, m := range found {
			require.False(t, seen[string(m.Body)], "twice: %s", m.Body)
			seen[string(m.Body)] = true
			require.NoError(t, f.Delete(t.Context(), m))
		}
	}
	f.send(t, "a")
	f.send(t, "b")
	first, err := f.Receive(t.Context(), 1, time.Second)
	require.NoError(t, err)
	require.Len(t, first, 1)
	require.Len(t, f.receive(t, time.Second), 1)
}

func waiting(t *testing.T, f *fixture) {
	start := time.Now()
	require.Empty(t, f.receive(t, time.Second))
	require.GreaterOrEqual(t, time.Since(start), 900*time.Millisecond)
}

func wakesUp(t *testing.T, f *fixture) {
	sent := make(chan error, 1)
	go func() {
		time.Sleep(500 * time.Millisecond)
		sent <- f.Send(t.Context(), []byte("work"))
	}()
	start := time.Now()
	f.one(t, 20*time.Second)
	require.NoError(t, <-sent)
	require.Less(t, time.Since(start), 10*time.Second)
}

func waitingIsOver(t *testing.T, f *fixture) {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := f.Receive(ctx, 10, 20*time.Second)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 10*time.Second)
}

func bodies(t *testing.T, f *fixture) {
	large := strings.Repeat("x", queue.MaxBodyBytes)
	for _, body := range []string{`{"kind":"import","tenant":"demo","id":"0198"}`, "ünïcode 🎓 <&>\"'", "line\nline\ttab", large} {
		f.send(t, body)
		m := f.one(t, time.Second)
		require.Equal(t, body, string(m.Body))
		require.NoError(t, f.Delete(t.Context(), m))
	}
}

func refusals(t *testing.T, f *fixture) {
	require.ErrorContains(t, f.Send(t.Context(), nil), "empty")
	require.ErrorContains(t, f.Send(t.Context(), []byte("\xff")), "not UTF-8")
	require.ErrorContains(t, f.Send(t.Context(), []byte("a\x00b")), "control character")
	require.ErrorContains(t, f.Send(t.Context(), make([]byte, queue.MaxBodyBytes+1)), "at most")
	f.send(t, "work")
	m := f.one(t, time.Second)
	require.ErrorContains(t, f.Extend(t.Context(), m, -time.Second), "timeout of -1s")
	require.ErrorContains(t, f.Extend(t.Context(), m, 13*time.Hour), "timeout of 13h")
}

func ping(t *testing.T, f *fixture) { require.NoError(t, f.Ping(t.Context())) }
