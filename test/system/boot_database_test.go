//go:build system && linux

package system_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database/mariadbtest"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// startDatabase runs the engine of the configuration with the login that RDS made and a certificate of an authority that
// no operating system knows, as Amazon RDS's own is.
func (s *bootSite) startDatabase(t *testing.T) {
	t.Helper()
	d := s.config.Database
	var login struct{ Username, Password string }
	require.NoError(t, json.Unmarshal([]byte(s.secret(t, d.SecretARN)), &login))
	password := strings.ReplaceAll(login.Password, "'", "''")
	hosts := []string{d.Host}
	if d.ReadHost != "" {
		hosts = append(hosts, d.ReadHost)
	}
	var address string
	switch d.Engine {
	case contract.EnginePostgres:
		s.postgres = pgtest.Start(t)
		s.databaseCA = s.postgres.UseTLS(hosts...)
		s.postgres.Exec(`CREATE ROLE "` + login.Username + `" LOGIN PASSWORD '` + password + `'`)
		s.postgres.Exec(`CREATE DATABASE "` + d.Name + `" OWNER "` + login.Username + `"`) // as RDS does with its master user
		address = s.postgres.Host + ":" + s.postgres.Port
	default: // MariaDB stands for MySQL too: Debian has no MySQL
		s.mariadb = mariadbtest.StartFor(t, hosts...)
		s.databaseCA = s.mariadb.CA()
		s.mariadb.Exec("CREATE DATABASE IF NOT EXISTS `" + d.Name + "`")
		s.mariadb.Exec("CREATE USER '" + login.Username + "'@'%' IDENTIFIED BY '" + strings.ReplaceAll(password, `\`, `\\`) + "'")
		s.mariadb.Exec("GRANT ALL ON `" + d.Name + "`.* TO '" + login.Username + "'@'%'")
		address = s.mariadb.Host + ":" + s.mariadb.Port
	}
	for _, host := range hosts {
		s.servers = append(s.servers, server{role: roleDatabase, host: host, port: d.Port, target: address})
	}
}

// ask is the one value that a query of the workload's database answers, for an administrator.
func (s *bootSite) ask(t *testing.T, query string) string {
	t.Helper()
	if s.mariadb != nil {
		return s.mariadb.Query("USE `" + s.config.Database.Name + "`; " + query)
	}
	connection, err := pgx.Connect(t.Context(), fmt.Sprintf("host=%s port=%s user=%s password='%s' dbname='%s'",
		s.postgres.Host, s.postgres.Port, pgtest.User, s.postgres.Password, s.config.Database.Name))
	require.NoError(t, err)
	defer connection.Close(t.Context())
	var value any
	require.NoError(t, connection.QueryRow(t.Context(), query).Scan(&value), query)
	return fmt.Sprint(value)
}
