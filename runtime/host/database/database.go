// Package database opens the database of a workload, whatever its engine, for the little that the host keeps in it and
// for the question whether it is there. The engine of Lectern has package postgres for its own.
//
// # Failovers
//
//   - Names are resolved for every connection, connecting takes 3 s to the server and 5 s in all, and a connection is
//     used for 5 s at most. A connection on which something ran out of time is thrown away.
//   - A server that does not take writes is a standby, or one that was the primary: a connection to it is refused when
//     it is made (ErrReadOnly), and thrown away when Ping or a statement finds out later.
//   - The login is read from its secret. A server that refuses it makes the connector read the secret again and try
//     once more, so that a rotation needs no restart.
package database

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/rootca"
	"github.com/lectern/lectern/runtime/secrets"
)

const (
	dialTimeout    = 3 * time.Second
	connectTimeout = 5 * time.Second // with TLS, login and the question whether it takes writes
	maxConns       = 3
	// maxLifetime is short because open connections outlive the password that opened them, while most workloads connect
	// for every request: whoever asks about the database must find out as soon as they do.
	maxLifetime = 5 * time.Second
)

// ErrReadOnly is the answer of a server that takes no writes: a failover is under way, the endpoint is a reader's, or
// the storage is full.
var ErrReadOnly = errors.New("database: the server takes no writes")

// Options say which database and how.
type Options struct {
	Database contract.Database
	// CABundle is a PEM file of roots that are trusted besides the system's; usually contract.CABundlePath. A file that
	// does not exist is ignored.
	CABundle string
	// AppName is seen in the server's list of connections.
	AppName string
	// Login is read for every new connection. Nil: user "postgres" or "root" without a password, for a loopback server.
	Login *secrets.Secret[secrets.Login]
	// OnRefused is called whenever the server refuses a login, also when reading the secret again helps: others have the old
	// one too. Nil: nobody is told.
	OnRefused func()
}

// DB is a small pool of connections to the primary.
type DB struct {
	*sql.DB
	engine string
}

// Open prepares the pool. It does not connect.
func Open(o Options) (*DB, error) {
	port, err := strconv.ParseUint(o.Database.Port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("database: port %q is not a TCP port", o.Database.Port)
	}
	var encryption *tls.Config
	if o.Database.TLSMode != contract.TLSDisable {
		if encryption, err = rootca.VerifyFull(o.Database.Host, o.CABundle); err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
	}
	c := &connector{login: o.Login, onRefused: o.OnRefused}
	switch o.Database.Engine {
	case contract.EnginePostgres:
		c.connect, c.driver, err = postgresConnector(o, uint16(port), encryption)
	case contract.EngineMySQL, contract.EngineMariaDB:
		c.connect, c.driver = mysqlConnector(o, encryption), mysql.MySQLDriver{}
	default:
		err = fmt.Errorf("database: engine %q is not known; use %s, %s or %s", o.Database.Engine, contract.EnginePostgres, contract.EngineMySQL, contract.EngineMariaDB)
	}
	if err != nil {
		return nil, err
	}
	db := &DB{DB: sql.OpenDB(c), engine: o.Database.Engine}
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	db.SetConnMaxLifetime(maxLifetime)
	return db, nil
}

// IsPostgres tells the two dialects apart; the other is that of MySQL and MariaDB.
func (db *DB) IsPostgres() bool { return db.engine == contract.EnginePostgres }

// Ping asks the server whether it would take a write.
func (db *DB) Ping(ctx context.Context) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("database: connect: %w", err)
	}
	defer conn.Close()
	question := mysqlReadOnly
	if db.IsPostgres() {
		question = postgresReadOnly
	}
	var answer string
	if err := conn.QueryRowContext(ctx, question).Scan(&answer); err != nil {
		return fmt.Errorf("database: ask: %w", err)
	}
	if isOn(answer) {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // do not keep it
		db.Drop()
		return ErrReadOnly
	}
	return nil
}

// Drop closes the connections that nobody uses at the moment, so that the next ones go to wherever the name points.
func (db *DB) Drop() {
	db.SetMaxIdleConns(0)
	db.SetMaxIdleConns(maxConns)
}

// Failed is told of the error of a statement, and returns it. After the answer of a server that takes no writes the
// other connections, which lead to the same one, are dropped.
func (db *DB) Failed(err error) error {
	if IsReadOnly(err) {
		db.Drop()
	}
	return err
}

// connector makes connections, with the login of the moment.
type connector struct {
	login     *secrets.Secret[secrets.Login]
	onRefused func()
	connect   func(context.Context, secrets.Login) (driver.Conn, error)
	driver    driver.Driver
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if c.login == nil {
		return c.connect(ctx, secrets.Login{})
	}
	used, err := c.login.Value(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := c.connect(ctx, used)
	if !IsLoginRefused(err) {
		return conn, err
	}
	if c.onRefused != nil {
		c.onRefused()
	}
	c.login.Refused(used)
	again, readErr := c.login.Value(ctx)
	if readErr != nil {
		return nil, errors.Join(err, readErr)
	}
	if again == used {
		return nil, err
	}
	return c.connect(ctx, again)
}

// isOn: what servers call true.
func isOn(answer string) bool { return answer != "0" && !strings.EqualFold(answer, "off") }
