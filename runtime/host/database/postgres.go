package database

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/lectern/lectern/runtime/secrets"
)

// postgresReadOnly is on for a standby, and where writes were turned off.
// https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-TRANSACTION-READ-ONLY
const postgresReadOnly = "SHOW transaction_read_only"

func postgresConnector(o Options, port uint16, encryption *tls.Config) (func(context.Context, secrets.Login) (driver.Conn, error), driver.Driver, error) {
	cfg, err := pgx.ParseConfig("")
	if err != nil {
		return nil, nil, fmt.Errorf("database: defaults from the PG* environment: %w", err)
	}
	cfg.Host, cfg.Port, cfg.Database = o.Database.Host, port, o.Database.Name
	cfg.ConnectTimeout = connectTimeout
	cfg.Fallbacks = nil // no second try in the clear
	cfg.TLSConfig = encryption
	cfg.DialFunc = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 10 * time.Second}).DialContext
	cfg.RuntimeParams["application_name"] = o.AppName
	// One round trip a statement, and nothing that a pooler would have to remember.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.ValidateConnect = refuseStandby
	return func(ctx context.Context, l secrets.Login) (driver.Conn, error) {
		c := cfg.Copy()
		c.User, c.Password = l.Username, l.Password
		if l.Username == "" {
			c.User = "postgres"
		}
		return stdlib.GetConnector(*c).Connect(ctx)
	}, stdlib.GetDefaultDriver(), nil
}

// refuseStandby is asked about every new connection, which is closed if it errs.
func refuseStandby(ctx context.Context, conn *pgconn.PgConn) error {
	results, err := conn.Exec(ctx, postgresReadOnly).ReadAll()
	if err != nil {
		return err
	}
	if len(results) == 1 && len(results[0].Rows) == 1 && !isOn(string(results[0].Rows[0][0])) {
		return nil
	}
	return ErrReadOnly
}

// isPostgresError says whether it is one of these codes.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func isPostgresError(err error, codes ...string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains(codes, pg.Code)
}
