package postgres

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgtype"
)

// Batching bounds; see BenchmarkCommit for what they were tuned with.
const (
	writersPerTenant = 2       // batches of one tenant under way at once
	batchCommits     = 128     // commits in a batch
	batchBytes       = 4 << 20 // of their states; one that is larger goes alone
)

// committer writes commits in batches. Nothing waits for a batch to fill: a commit that comes while its tenant has a
// writer free is written at once, and those that come while all are busy gather for the first that is done.
//
// An attempt is in one batch at a time: two commits of one attempt would wait for each other's locks in the database,
// and one batch with both could not tell which is newer. The second stays for the next batch.
type committer struct {
	write func(ctx context.Context, tenantID string, rows []*commitRow) (map[pgtype.UUID]written, error)

	mu    sync.Mutex
	lanes map[string]*lane // by tenant; those with something to do

	written, batches atomic.Int64
}

// lane is what one tenant has under way.
type lane struct {
	waiting list.List // of *pending, oldest first
	writers int
	busy    map[pgtype.UUID]bool // attempts in batches under way
}

// pending is a commit on its way; done is closed when written and err are set.
type pending struct {
	ctx     context.Context
	row     *commitRow
	done    chan struct{}
	written written
	err     error
}

// do writes one commit and waits for what became of it.
func (k *committer) do(ctx context.Context, tenantID string, row *commitRow) (written, error) {
	p := &pending{ctx: ctx, row: row, done: make(chan struct{})}
	k.mu.Lock()
	if k.lanes == nil {
		k.lanes = map[string]*lane{}
	}
	l := k.lanes[tenantID]
	if l == nil {
		l = &lane{busy: map[pgtype.UUID]bool{}}
		k.lanes[tenantID] = l
	}
	place := l.waiting.PushBack(p)
	if l.writers < writersPerTenant && !l.busy[row.attempt] {
		l.writers++
		go k.run(tenantID, l)
	}
	k.mu.Unlock()
	select {
	case <-p.done:
		return p.written, p.err
	case <-ctx.Done():
		k.mu.Lock()
		l.waiting.Remove(place) // nothing if it has been taken
		k.mu.Unlock()
		return written{}, ended(ctx)
	}
}

func ended(ctx context.Context) error {
	err := fmt.Errorf("postgres: commit: %w", ctx.Err())
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", unavailable(), err)
	}
	return err
}

// run is a writer: it writes batches until nothing waits that it could take.
func (k *committer) run(tenantID string, l *lane) {
	var batch []*pending
	for {
		k.mu.Lock()
		for _, p := range batch {
			delete(l.busy, p.row.attempt)
		}
		batch = l.take()
		if len(batch) == 0 {
			l.writers--
			if l.writers == 0 && l.waiting.Len() == 0 {
				delete(k.lanes, tenantID)
			}
			k.mu.Unlock()
			return
		}
		k.mu.Unlock()
		k.settle(tenantID, batch)
	}
}

// take removes the next batch from those that wait, and puts it in the order of the attempts' ids.
func (l *lane) take() []*pending {
	var batch []*pending
	size := 0
	for e := l.waiting.Front(); e != nil && len(batch) < batchCommits; {
		p, here := e.Value.(*pending), e
		e = e.Next()
		if l.busy[p.row.attempt] {
			continue
		}
		if size += p.row.size(); size > batchBytes && len(batch) > 0 {
			break
		}
		l.waiting.Remove(here)
		l.busy[p.row.attempt] = true
		batch = append(batch, p)
	}
	slices.SortFunc(batch, func(a, b *pending) int { return bytes.Compare(a.row.attempt.Bytes[:], b.row.attempt.Bytes[:]) })
	return batch
}

// settle writes a batch, again and again while the database is away and somebody still waits. A batch that fails for
// what is in it is written one by one, so that one bad commit harms no other.
func (k *committer) settle(tenantID string, batch []*pending) {
	for n := 0; ; n++ {
		batch = alive(batch)
		if len(batch) == 0 {
			return
		}
		answer, err := k.try(tenantID, batch)
		switch {
		case err == nil:
			for _, p := range batch {
				w, ok := answer[p.row.attempt]
				if !ok {
					p.err = notFound("attempt")
				}
				p.written = w
				close(p.done)
			}
			return
		case classify(err) != final:
			pause(context.Background(), n)
		case len(batch) > 1 && !isConnecting(err):
			for _, p := range batch {
				k.settle(tenantID, []*pending{p})
			}
			return
		default:
			for _, p := range batch {
				p.err = dataFault(fmt.Errorf("postgres: commit: %w", err))
				close(p.done)
			}
			return
		}
	}
}

// try writes a batch once. It is nobody's alone, so no commit's context ends it.
func (k *committer) try(tenantID string, batch []*pending) (map[pgtype.UUID]written, error) {
	ctx, cancel := context.WithTimeout(context.Background(), tryFor)
	defer cancel()
	rows := make([]*commitRow, len(batch))
	for i, p := range batch {
		rows[i] = p.row
	}
	answer, err := k.write(ctx, tenantID, rows)
	if err == nil {
		k.batches.Add(1)
		k.written.Add(int64(len(batch)))
	}
	return answer, err
}

// alive drops commits that nobody waits for any more.
func alive(batch []*pending) []*pending {
	var list []*pending
	for _, p := range batch {
		if p.ctx.Err() == nil {
			list = append(list, p)
		}
	}
	return list
}
