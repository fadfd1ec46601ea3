package database

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"

	"github.com/lectern/lectern/runtime/secrets"
)

// mysqlReadOnly: replicas of RDS have read_only, readers of Aurora innodb_read_only. Either may be a number or a word.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.BestPractices.html
const mysqlReadOnly = "SELECT CASE WHEN CONCAT(@@global.read_only) IN ('0', 'OFF') AND CONCAT(@@global.innodb_read_only) IN ('0', 'OFF') THEN 'OFF' ELSE 'ON' END"

func mysqlConnector(o Options, encryption *tls.Config) func(context.Context, secrets.Login) (driver.Conn, error) {
	base := mysql.NewConfig()
	base.Net, base.Addr, base.DBName = "tcp", net.JoinHostPort(o.Database.Host, o.Database.Port), o.Database.Name
	base.Timeout = dialTimeout
	base.TLS = encryption
	base.ParseTime = true         // and all times are UTC
	base.InterpolateParams = true // one round trip a statement
	base.RejectReadOnly = true    // a demoted writer of Aurora keeps its connections: drop them
	base.Logger = &mysql.NopLogger{}
	base.ConnectionAttributes = "program_name:" + o.AppName
	return func(ctx context.Context, l secrets.Login) (driver.Conn, error) {
		c := base.Clone()
		c.User, c.Passwd = l.Username, l.Password
		if l.Username == "" {
			c.User = "root"
		}
		made, err := mysql.NewConnector(c)
		if err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		conn, err := made.Connect(ctx)
		if err != nil {
			return nil, err
		}
		if err := refuseReplica(ctx, conn); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// refuseReplica is asked about every new connection.
func refuseReplica(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, mysqlReadOnly, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	answer := make([]driver.Value, 1)
	if err := rows.Next(answer); err != nil {
		return err
	}
	if text, ok := answer[0].([]byte); !ok || isOn(string(text)) {
		return ErrReadOnly
	}
	return nil
}

// isMySQLError says whether it is one of these numbers.
// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
func isMySQLError(err error, numbers ...uint16) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && slices.Contains(numbers, my.Number)
}
