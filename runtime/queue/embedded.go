package queue

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// EmbeddedOptions say how an Embedded queue behaves.
type EmbeddedOptions struct {
	Visibility  time.Duration // how long a received message stays away; 0: DefaultVisibility
	MaxReceives int           // then a message goes to the dead letters; 0: DefaultMaxReceives
}

// Defaults of EmbeddedOptions.
const (
	DefaultVisibility  = 30 * time.Second
	DefaultMaxReceives = 5
)

// maxDeadLetters are kept; then the oldest go.
const maxDeadLetters = 1000

// Embedded is a queue inside this process. What is in it is gone with the process, so whoever sends must be able to
// send again.
//
//	Send ──► waiting ──Receive──► in flight ──Delete──► gone
//	            ▲                     │ the visibility timeout passes
//	            └─────────────────────┘
//	waiting and received MaxReceives times ──► dead letters
type Embedded struct {
	o EmbeddedOptions

	mu      sync.Mutex
	order   byVisibility
	receipt map[string]*kept // the latest receipt of each message that was received
	dead    []Message
	changed chan struct{} // closed and replaced when a message may be received earlier than thought
}

// NewEmbedded makes an empty queue.
func NewEmbedded(o EmbeddedOptions) *Embedded {
	if o.Visibility == 0 {
		o.Visibility = DefaultVisibility
	}
	if o.MaxReceives == 0 {
		o.MaxReceives = DefaultMaxReceives
	}
	return &Embedded{o: o, receipt: map[string]*kept{}, changed: make(chan struct{})}
}

// Send implements Port.
func (q *Embedded) Send(_ context.Context, body []byte) error {
	if err := checkBody(body); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	heap.Push(&q.order, &kept{Message: Message{ID: uuid.NewString(), Body: slices.Clone(body)}, sent: now, visible: now})
	q.announce()
	return nil
}

func (q *Embedded) announce() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// Receive implements Port.
func (q *Embedded) Receive(ctx context.Context, limit int, wait time.Duration) ([]Message, error) {
	limit, wait = clampReceive(limit, wait)
	over := time.After(wait)
	for {
		found, next, changed := q.take(limit)
		if len(found) > 0 || wait == 0 {
			return found, nil
		}
		var due <-chan time.Time
		if !next.IsZero() {
			due = time.After(time.Until(next))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("queue: receive: %w", context.Cause(ctx))
		case <-over:
			return nil, nil
		case <-due:
		case <-changed:
		}
	}
}

// take receives what is visible. If that is nothing, next is when something will be (zero: no message at all), unless
// changed is closed before.
func (q *Embedded) take(limit int) (found []Message, next time.Time, changed <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for len(found) < limit && len(q.order) > 0 && !q.order[0].visible.After(now) {
		m := q.order[0]
		delete(q.receipt, m.Receipt)
		if m.Receives >= q.o.MaxReceives {
			heap.Pop(&q.order)
			q.bury(m)
			continue
		}
		m.Receives++
		m.Receipt = uuid.NewString()
		m.visible = now.Add(q.o.Visibility)
		q.receipt[m.Receipt] = m
		heap.Fix(&q.order, 0)
		found = append(found, m.copy())
	}
	if len(q.order) > 0 {
		next = q.order[0].visible
	}
	return found, next, q.changed
}

func (q *Embedded) bury(m *kept) {
	m.Receipt = ""
	q.dead = append(q.dead, m.copy())
	q.dead = q.dead[max(0, len(q.dead)-maxDeadLetters):]
}

// Extend implements Port. Timeout 0 gives the message back at once.
func (q *Embedded) Extend(_ context.Context, m Message, timeout time.Duration) error {
	if err := checkTimeout(timeout); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	k, ok := q.receipt[m.Receipt]
	if !ok || !k.visible.After(now) {
		return fmt.Errorf("%w: message %s", ErrNotInFlight, m.ID)
	}
	k.visible = now.Add(timeout)
	heap.Fix(&q.order, k.index)
	q.announce()
	return nil
}

// Delete implements Port. A receipt that is not the message's latest deletes nothing, and that is no error.
func (q *Embedded) Delete(_ context.Context, m Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if k, ok := q.receipt[m.Receipt]; ok {
		delete(q.receipt, m.Receipt)
		heap.Remove(&q.order, k.index)
	}
	return nil
}

// DeadLetters are the messages that were received too often, the oldest first.
func (q *Embedded) DeadLetters() []Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.dead)
}

// Stats implements Port.
func (q *Embedded) Stats(context.Context) (Stats, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var s Stats
	now := time.Now()
	for _, m := range q.order {
		if m.visible.After(now) {
			s.InFlight++
			continue
		}
		s.Waiting++
		s.OldestAge = max(s.OldestAge, now.Sub(m.sent))
	}
	return s, nil
}

// Ping implements Port.
func (q *Embedded) Ping(context.Context) error { return nil }
