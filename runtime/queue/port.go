package queue

import (
	"context"
	"errors"
	"time"
)

// Port is a queue of background work: at least once, in no order. A message that is received and not deleted comes back
// after its visibility timeout; one that has come back too often goes to the dead letters.
type Port interface {
	Send(ctx context.Context, body []byte) error
	// Receive waits up to wait (at most 20 s) for up to limit (at most 10) messages.
	Receive(ctx context.Context, limit int, wait time.Duration) ([]Message, error)
	// Extend keeps a message from coming back for timeout from now (in whole seconds, at most 12 h; 0 gives it back at once); Delete for good.
	// Extend of one that came back already is ErrNotInFlight: somebody else may be at it.
	Extend(ctx context.Context, m Message, timeout time.Duration) error
	Delete(ctx context.Context, m Message) error
	// Stats are for metrics; approximate.
	Stats(ctx context.Context) (Stats, error)
	Ping(ctx context.Context) error
}

// Message is one that was received.
type Message struct {
	ID       string
	Body     []byte
	Receives int    // this time included
	Receipt  string // what Extend and Delete need
}

// Stats of a queue.
type Stats struct {
	Waiting   int
	InFlight  int
	OldestAge time.Duration // of the oldest waiting message as far as this process knows; −1: unknown
}

// ErrNotInFlight is the answer to Extend for a message whose timeout is over.
var ErrNotInFlight = errors.New("queue: the message is not in flight any more")

var (
	_ Port = (*SQS)(nil)
	_ Port = (*Embedded)(nil)
)
