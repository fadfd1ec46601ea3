package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lectern/lectern/runtime/queue"
)

// KindImport is the kind of message that asks for an import.
const KindImport = "import"

// Message asks for work. It only rings the bell: what is to be done, and whether it still is, the database knows.
type Message struct {
	Kind     string `json:"kind"`
	TenantID string `json:"tenant"`
	ID       string `json:"id"`
}

// Send puts a message into a queue.
func Send(ctx context.Context, q queue.Port, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("worker: encode a message: %w", err)
	}
	return q.Send(ctx, body)
}

// Handler does the work of one kind of message. It must bear being called twice for the same message, also at the same
// time. After an error the message comes back; *Later says when.
type Handler func(ctx context.Context, m Message) error

// Later is an error of work that is to be tried again after a while.
type Later struct {
	After time.Duration
	Err   error
}

// Error implements error.
func (l *Later) Error() string { return fmt.Sprintf("%v; again in %s", l.Err, l.After) }

// Unwrap is the reason.
func (l *Later) Unwrap() error { return l.Err }

// defaultRetry is for errors that say nothing of when.
const defaultRetry = 30 * time.Second

func retryAfter(err error) time.Duration {
	var later *Later
	if errors.As(err, &later) {
		return later.After
	}
	return defaultRetry
}
