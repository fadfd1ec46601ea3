// Package postgres keeps what the engine knows, in PostgreSQL: tenants, keys, courses, imports, registrations, attempts,
// launches, webhooks, events, and the answers to repeated requests. One file each.
//
// # The tables
//
// All of them are hash-partitioned by tenant_id, which is the first column of every key and in the condition of every
// statement; the tests check each statement that they run. The few that work for all tenants say so. Ids are UUIDs: one
// that is none cannot be that of anything, so it is fault.NotFound. See migrate.go for how the schema changes.
//
// # Commits
//
// Commits are the load. Those that come at the same time are written together: see committer and sqlCommitBegin.
//
// # Failovers
//
//   - The password is read from its secret whenever a connection is made. A server that refuses it makes the pool read
//     the secret again and try once more, so rotation needs no restart.
//   - Names are resolved for every connection, connections live 30 minutes at most, and a connection on which a query
//     ran out of time is thrown away. After a failover nothing keeps talking to a dead or demoted server.
//   - What may be done twice is tried again until its context ends, or 30 seconds: lost connections, servers that start
//     or stop, standbys, deadlocks, time-outs. What may not is tried again only if it surely was not committed. What
//     fails in the end is fault.Unavailable.
//
// # Replicas
//
// Lists and reports may be read from a replica that provably has everything that was written before: see replica.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/lectern/lectern/runtime/rootca"
	"github.com/lectern/lectern/runtime/secrets"
)

const (
	connectTimeout  = 5 * time.Second
	maxConnLifetime = 30 * time.Minute
	maxConnIdle     = 5 * time.Minute
	keepAlive       = 10 * time.Second
	// DefaultMaxConns is the pool's size when Options leaves it open. Instances × this must stay below the
	// database's max_connections.
	DefaultMaxConns = 10
)

// Options say which database and how.
type Options struct {
	Host     string
	Port     string // decimal
	Name     string // database name
	AppName  string // application_name, seen in pg_stat_activity
	MaxConns int    // 0: DefaultMaxConns

	// VerifyFull encrypts and checks the chain and the host name; off is for loopback only.
	VerifyFull bool
	// CABundle is a PEM file of roots trusted besides the system's. A file that does not exist is ignored.
	CABundle string

	// ReadHost and ReadPort lead to a streaming replica, or to the reader endpoint of several. "": there is none. It has
	// the same users and passwords. See replica.go for which reads it answers.
	ReadHost string
	ReadPort string

	// Tracer sees every statement. Nil: none.
	Tracer pgx.QueryTracer

	// Login is read for every new connection. Nil leaves user and password to the usual PG* environment.
	Login *secrets.Secret[secrets.Login]
}

// DB is the store of the engine: a pool of connections to the primary, and one to a replica if there is one.
type DB struct {
	pool    *pgxpool.Pool
	config  *pgxpool.Config // of pool
	replica *replica        // nil: there is none
	commits committer
	reads   reads
	full    atomic.Bool // the disk was, when it was last written to

	partitions partitions
}

// ErrReadOnly is the answer of a server that is a standby: a failover is under way or the endpoint is wrong.
var ErrReadOnly = errors.New("postgres: the server is a read-only standby")

// Open prepares the pools. It does not wait for a connection.
func Open(ctx context.Context, o Options) (*DB, error) {
	cfg, err := configure(o, o.Host, o.Port)
	if err != nil {
		return nil, err
	}
	db := &DB{config: cfg.Copy()}
	if db.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("postgres: prepare the pool: %w", err)
	}
	db.commits.write = db.writeBatch
	if o.ReadHost == "" {
		return db, nil
	}
	if cfg, err = configure(o, o.ReadHost, o.ReadPort); err == nil {
		db.replica, err = newReplica(ctx, cfg)
	}
	if err != nil {
		db.pool.Close()
		return nil, fmt.Errorf("postgres: the replica: %w", err)
	}
	return db, nil
}

// configure describes a pool of connections to one server.
func configure(o Options, host, port string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, fmt.Errorf("postgres: defaults from the PG* environment: %w", err)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("postgres: port %q is not a TCP port", port)
	}
	c := cfg.ConnConfig
	c.Host, c.Port, c.Database = host, uint16(number), o.Name
	c.ConnectTimeout = connectTimeout
	c.Fallbacks = nil // no second try in the clear
	c.TLSConfig = nil
	c.DialFunc = (&net.Dialer{KeepAlive: keepAlive}).DialContext
	c.RuntimeParams["application_name"] = o.AppName
	if o.VerifyFull {
		if c.TLSConfig, err = rootca.VerifyFull(host, o.CABundle); err != nil {
			return nil, fmt.Errorf("postgres: %w", err)
		}
	}
	var tracers []pgx.QueryTracer
	if o.Login != nil {
		l := &login{secret: o.Login}
		cfg.BeforeConnect = l.beforeConnect
		tracers = append(tracers, l)
	}
	if o.Tracer != nil {
		tracers = append(tracers, o.Tracer)
	}
	c.Tracer = multitracer.New(tracers...)
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		// Times are read in UTC, wherever the service runs.
		c.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		return nil
	}
	cfg.MaxConns = DefaultMaxConns
	if o.MaxConns > 0 {
		cfg.MaxConns = int32(o.MaxConns)
	}
	cfg.MaxConnLifetime, cfg.MaxConnLifetimeJitter = maxConnLifetime, maxConnLifetime/10
	cfg.MaxConnIdleTime = maxConnIdle
	return cfg, nil
}

// Acquire takes a connection to the primary; the caller releases it. A refused password is read again and tried once more.
func (db *DB) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := db.pool.Acquire(ctx)
	if isRefusedLogin(err) {
		conn, err = db.pool.Acquire(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("postgres: connect: %w", err)
	}
	return conn, nil
}

// Ping asks the server whether it would take a write. It takes a connection from the same pool as everybody, so an
// exhausted pool shows as a database that does not answer.
func (db *DB) Ping(ctx context.Context) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var standby bool
	if err := conn.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby); err != nil {
		return fmt.Errorf("postgres: ask: %w", err)
	}
	if standby {
		db.pool.Reset() // connect anew, to wherever the name points by then
		return ErrReadOnly
	}
	if db.full.Load() {
		if err := probe(ctx, conn); err != nil {
			return err
		}
		db.full.Store(false)
	}
	return nil
}

// probe asks a server whose disk was full for the room of a megabyte, and gives it back.
func probe(ctx context.Context, conn *pgxpool.Conn) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("postgres: ask for room: %w", err)
	}
	_, err = tx.Exec(ctx, "CREATE TEMPORARY TABLE lectern_probe ON COMMIT DROP AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)")
	_ = tx.Rollback(ctx) // it has failed, or is not wanted
	if isDiskFull(err) {
		return ErrDiskFull
	}
	if err != nil {
		return fmt.Errorf("postgres: ask for room: %w", err)
	}
	return nil
}

// Close waits until every connection is released and closes them.
func (db *DB) Close() {
	if db.replica != nil {
		db.replica.pool.Close()
	}
	db.pool.Close()
}
