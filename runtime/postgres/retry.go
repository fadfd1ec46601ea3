package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/fault"
)

const (
	// tryFor bounds one try. Longer than statement_timeout, so that a server that is alive answers first.
	tryFor = 15 * time.Second
	// retryAtMost is how long an operation is retried whose context sets no earlier end: longer than the failover of an
	// RDS Multi-AZ instance (60–120 s) would keep a request waiting for nothing.
	retryAtMost = 30 * time.Second

	backoffFirst = 25 * time.Millisecond
	backoffMost  = time.Second
)

// repeatable says whether an operation may be tried again when nobody knows whether the first try was committed.
type repeatable bool

const (
	idempotent repeatable = true
	once       repeatable = false
)

// retry calls try until it succeeds, fails for good, or ctx ends. Faults pass as they are, other errors say what failed.
func (db *DB) retry(ctx context.Context, what string, r repeatable, try func(context.Context) error) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryAtMost)
		defer cancel()
	}
	for n := 0; ; n++ {
		err := try(ctx)
		if err == nil {
			return nil
		}
		var known *fault.Error
		if errors.As(err, &known) {
			return err
		}
		err = fmt.Errorf("postgres: %s: %w", what, err)
		if class := classify(err); class == final || class == uncertain && r == once {
			return dataFault(err)
		}
		if !pause(ctx, n) {
			return fmt.Errorf("%w: %w", unavailable(), err)
		}
	}
}

// unavailable is what a person is told when the time for retries is over.
func unavailable() error {
	return fault.New(fault.Unavailable, "the database does not answer at the moment; try again in a minute")
}

// pause waits before try n+1 and is false if ctx ends first.
func pause(ctx context.Context, n int) bool {
	d := min(backoffFirst<<min(n, 10), backoffMost)
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d/2 + rand.N(d)): //nolint:gosec // jitter is no secret
		return true
	}
}

// class of an error, by what may be done about it.
type class int

const (
	final     class = iota // trying again changes nothing
	undone                 // surely not committed, and may work later
	uncertain              // nobody knows whether it was committed; may work later
)

// https://www.postgresql.org/docs/current/errcodes-appendix.html
var (
	codesUndone = []string{
		"40001", "40P01", // serialization_failure, deadlock_detected
		"25006",                   // read_only_sql_transaction: it has become a standby
		"55P03", "57014", "25P03", // lock_timeout, statement_timeout, idle_in_transaction_session_timeout
		"57P03", // cannot_connect_now: it starts or stops
		"53300", // too_many_connections
		staleCode,
	}
	// An administrator's shutdown may hit a transaction that waits for a synchronous standby, after its commit.
	codesUncertain = []string{"57P01", "57P02", "57P05"}
)

func classify(err error) class {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case slices.Contains(codesUndone, pg.Code):
			return undone
		case slices.Contains(codesUncertain, pg.Code), strings.HasPrefix(pg.Code, "08"):
			return uncertain
		}
		return final
	}
	if isConnecting(err) || pgconn.SafeToRetry(err) {
		return undone
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		return uncertain
	}
	if strings.Contains(err.Error(), "conn closed") { // pgx: closed between two statements of ours; it has no value to compare with
		return uncertain
	}
	return final
}

// isConnecting says whether there was no connection to begin with.
func isConnecting(err error) bool {
	var c *pgconn.ConnectError
	return errors.As(err, &c)
}

// ErrDiskFull is the answer of a server whose disk is full (disk_full). It reads on.
var ErrDiskFull = errors.New("postgres: the database's disk is full")

func isDiskFull(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

// dataFault turns what the server says about data, or has no room for, into a fault. The server's text stays out of it: it may quote data.
func dataFault(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	switch {
	case isDiskFull(err):
		return fmt.Errorf("%w: %w: %w", fault.New(fault.Unavailable, "the service has no room left to store this; nothing was changed, try again later"), ErrDiskFull, err)
	case pg.Code == "23503": // foreign_key_violation
		return fault.New(fault.NotFound, "what this belongs to does not exist (%s)", pg.ConstraintName)
	case strings.HasPrefix(pg.Code, "22"), pg.Code == "54000": // data_exception, program_limit_exceeded
		return fault.New(fault.Invalid, "the database cannot store this value (SQLSTATE %s); leave out NUL characters and very long identifiers", pg.Code)
	}
	return err
}

// querier is a connection or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// onPrimary runs do on a connection to the primary: that of a claim, if ctx has one.
func (db *DB) onPrimary(ctx context.Context, what string, r repeatable, do func(context.Context, *pgxpool.Conn) error) error {
	if c := claimOf(ctx); c != nil {
		return c.do(ctx, what, func(ctx context.Context, _ pgx.Tx) error { return do(ctx, c.conn) })
	}
	return db.retry(ctx, what, r, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, tryFor)
		defer cancel()
		conn, err := db.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		return db.watch(do(ctx, conn))
	})
}

// watch makes the pool forget its connections if they lead to a server that is no writer any more.
func (db *DB) watch(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "25006" { // read_only_sql_transaction
		db.pool.Reset()
	}
	if isDiskFull(err) {
		db.full.Store(true) // Ping finds out when that is over
	}
	return err
}

// inTransaction runs do in a transaction on the primary.
func (db *DB) inTransaction(ctx context.Context, what string, r repeatable, do func(context.Context, pgx.Tx) error) error {
	if c := claimOf(ctx); c != nil {
		return c.do(ctx, what, do)
	}
	return db.onPrimary(ctx, what, r, func(ctx context.Context, conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return do(ctx, tx) })
	})
}

// exec runs one statement on the primary and says how many rows it changed.
func (db *DB) exec(ctx context.Context, what string, r repeatable, sql string, args ...any) (int64, error) {
	var changed int64
	err := db.onPrimary(ctx, what, r, func(ctx context.Context, conn *pgxpool.Conn) error {
		tag, err := conn.Exec(ctx, sql, args...)
		changed = tag.RowsAffected()
		return err
	})
	return changed, err
}
