package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/fault"
)

// Reads of lists and reports may be answered by a replica, but only by one that provably has everything that was
// acknowledged before the read began, so that nobody reads older than what they wrote:
//
//  1. The primary is asked how far its WAL is flushed, and on which timeline (a failover begins a new one). An
//     acknowledged commit is flushed, since synchronous_commit is on (see limits). The insert position would be ahead of
//     what was acknowledged and of what can have been sent: with it the replica would be behind whenever anybody writes.
//  2. In one transaction on a connection to the replica, so that a proxy or an endpoint with several servers cannot
//     mix them up, it is asked how far it has replayed, and whether it streams from that timeline. If it is there, or
//     gets there within a few tens of milliseconds, the read follows.
//  3. Otherwise, and if anything is wrong with the replica, the primary answers.
//
// Aurora's readers know no replay position, and a role that is not a member of pg_monitor (RDS's master user is) sees no
// timeline; both prove nothing, so the primary answers everything. Stats tells who does.
type replica struct {
	pool      *pgxpool.Pool
	positions positions
	awayUntil atomic.Int64 // Unix milliseconds; until then it is not tried
	slowUntil atomic.Int64 // Unix milliseconds; until then nobody waits for it to catch up
	lag       atomic.Pointer[Lag]
}

const (
	catchUpFor  = 30 * time.Millisecond  // the longest wait for a replica that is behind
	catchUpStep = 3 * time.Millisecond   // between two looks
	reachFor    = 250 * time.Millisecond // the longest wait for a connection
	awayFor     = 2 * time.Second        // how long a replica that failed is left alone
	slowFor     = 250 * time.Millisecond // how long nobody waits, after somebody waited in vain
)

var errBehind = errors.New("the replica has not replayed what was acknowledged, or cannot prove it")

type primaryKey struct{}

// FromPrimary makes reads under this context go to the primary, wherever a replica may be.
func FromPrimary(ctx context.Context) context.Context {
	return context.WithValue(ctx, primaryKey{}, true)
}

func newReplica(ctx context.Context, cfg *pgxpool.Config) (*replica, error) {
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	return &replica{pool: pool}, err
}

// read runs do on a replica that may answer, else on the primary.
func (db *DB) read(ctx context.Context, what string, do func(context.Context, querier) error) error {
	if r := db.replica; r != nil && claimOf(ctx) == nil && ctx.Value(primaryKey{}) == nil && time.Now().UnixMilli() >= r.awayUntil.Load() {
		err := db.onReplica(ctx, do)
		var known *fault.Error
		switch {
		case err == nil, errors.As(err, &known):
			db.reads.replica.Add(1)
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("postgres: %s: %w", what, err)
		case !errors.Is(err, errBehind):
			r.awayUntil.Store(time.Now().Add(awayFor).UnixMilli())
		}
		db.reads.fallback.Add(1)
	}
	return db.readPrimary(ctx, what, do)
}

// readPrimary runs do on the primary: what decides about a launch, and what no replica may answer.
func (db *DB) readPrimary(ctx context.Context, what string, do func(context.Context, querier) error) error {
	db.reads.primary.Add(1)
	return db.onPrimary(ctx, what, idempotent, func(ctx context.Context, c *pgxpool.Conn) error { return do(ctx, c) })
}

func (db *DB) onReplica(ctx context.Context, do func(context.Context, querier) error) error {
	r := db.replica
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	wanted, err := r.positions.get(ctx, db.position)
	if err != nil {
		return err
	}
	reach, stop := context.WithTimeout(ctx, reachFor)
	defer stop()
	conn, err := r.pool.Acquire(reach)
	if err != nil {
		return err
	}
	defer conn.Release()
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := r.reaches(ctx, tx, wanted); err != nil {
			return err
		}
		return do(ctx, tx)
	})
}

// position is how far the primary has written.
type position struct {
	LSN      string // what is flushed
	Timeline int
}

// The name of the WAL file begins with its timeline, in hex.
const sqlPosition = `SELECT l::text, ('x' || left(pg_walfile_name(l), 8))::bit(32)::int FROM pg_current_wal_flush_lsn() AS l`

func (db *DB) position(ctx context.Context) (p position, err error) {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return p, err
	}
	defer conn.Release()
	err = conn.QueryRow(ctx, sqlPosition).Scan(&p.LSN, &p.Timeline)
	return p, err
}

// Bytes behind are negative when it is ahead of what was asked for; NULL where it does not know.
const sqlReplayed = `SELECT pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())::bigint,
	extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8,
	coalesce((SELECT received_tli = $2 FROM pg_stat_wal_receiver WHERE status = 'streaming'), false)`

// reaches is nil once the replica has replayed the position.
func (r *replica) reaches(ctx context.Context, q querier, p position) error {
	first, end := true, time.Now()
	wait := end.UnixMilli() >= r.slowUntil.Load()
	if wait {
		end = end.Add(catchUpFor)
	}
	for {
		var behind *int64
		var seconds *float64
		var follows bool
		if err := q.QueryRow(ctx, sqlReplayed, p.LSN, p.Timeline).Scan(&behind, &seconds, &follows); err != nil {
			return err
		}
		if first {
			r.noteLag(behind, seconds)
			first = false
		}
		if behind == nil || !follows {
			return errBehind
		}
		if *behind <= 0 {
			return nil
		}
		if now := time.Now(); !now.Before(end) {
			if wait {
				r.slowUntil.Store(now.Add(slowFor).UnixMilli())
			}
			return errBehind
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(catchUpStep):
		}
	}
}

func (r *replica) noteLag(behind *int64, seconds *float64) {
	if behind == nil {
		return
	}
	lag := Lag{Bytes: max(*behind, 0)}
	if lag.Bytes > 0 && seconds != nil { // one that is not behind has only had nothing to replay since
		lag.Seconds = max(*seconds, 0)
	}
	r.lag.Store(&lag)
}

// positions lets concurrent readers share a question to the primary. A reader joins only a question that is asked after
// it came: the answer to one under way may be older than what the reader wrote.
type positions struct {
	mu     sync.Mutex
	asking bool
	next   *question // asked when the present one is answered; nil: nobody waits
}

type question struct {
	done   chan struct{}
	answer position
	err    error
}

func (p *positions) get(ctx context.Context, ask func(context.Context) (position, error)) (position, error) {
	p.mu.Lock()
	if p.next == nil {
		p.next = &question{done: make(chan struct{})}
	}
	q := p.next
	if !p.asking {
		p.asking = true
		go p.run(ask) //nolint:gosec // it serves all readers, so no reader's context ends it
	}
	p.mu.Unlock()
	select {
	case <-q.done:
		return q.answer, q.err
	case <-ctx.Done():
		return position{}, ctx.Err()
	}
}

// run answers questions until there is none. It serves all readers, so no reader's context ends it.
func (p *positions) run(ask func(context.Context) (position, error)) {
	for {
		p.mu.Lock()
		q := p.next
		p.next = nil
		p.asking = q != nil
		p.mu.Unlock()
		if q == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		q.answer, q.err = ask(ctx)
		cancel()
		close(q.done)
	}
}
