package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Stats are figures for metrics.
type Stats struct {
	Primary PoolStats
	Replica *PoolStats // nil: there is none
	Lag     *Lag       // of the replica, when it was last looked at; nil: never, or it cannot tell
	Reads   ReadStats
	Commits CommitStats
}

// PoolStats are those of a pool of connections.
type PoolStats struct {
	Acquired    int   // in use
	Idle        int   // open and free
	Max         int   // the most there may be
	Waits       int64 // how often somebody found none free, since the start
	WaitSeconds float64
}

// Lag is how far a replica is behind.
type Lag struct {
	Seconds float64 // since the commit of the last transaction it has replayed; 0 if it is not behind
	Bytes   int64   // of WAL flushed by the primary and not yet replayed
}

// ReadStats count reads since the start by who answered. Fallbacks are those of Primary that a replica was asked for first.
type ReadStats struct{ Primary, Replica, Fallbacks int64 }

// CommitStats count commits that were written since the start, and the batches they were written in.
type CommitStats struct{ Commits, Batches int64 }

type reads struct{ primary, replica, fallback atomic.Int64 }

// Stats costs nothing: it asks no server. MeasureLag keeps the lag fresh while nobody reads.
func (db *DB) Stats() Stats {
	s := Stats{
		Primary: poolStats(db.pool.Stat()),
		Reads:   ReadStats{Primary: db.reads.primary.Load(), Replica: db.reads.replica.Load(), Fallbacks: db.reads.fallback.Load()},
		Commits: CommitStats{Commits: db.commits.written.Load(), Batches: db.commits.batches.Load()},
	}
	if db.replica != nil {
		s.Replica = new(poolStats(db.replica.pool.Stat()))
		s.Lag = db.replica.lag.Load()
	}
	return s
}

// MeasureLag looks at how far the replica is behind, for the next Stats. Without a replica it does nothing.
func (db *DB) MeasureLag(ctx context.Context) error {
	if db.replica == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	p, err := db.position(ctx)
	if err != nil {
		return err
	}
	var behind *int64
	var seconds *float64
	var follows bool
	if err := db.replica.pool.QueryRow(ctx, sqlReplayed, p.LSN, p.Timeline).Scan(&behind, &seconds, &follows); err != nil {
		return err
	}
	db.replica.noteLag(behind, seconds)
	return nil
}

func poolStats(s *pgxpool.Stat) PoolStats {
	return PoolStats{
		Acquired: int(s.AcquiredConns()), Idle: int(s.IdleConns()), Max: int(s.MaxConns()),
		Waits: s.EmptyAcquireCount(), WaitSeconds: s.EmptyAcquireWaitTime().Seconds(),
	}
}
