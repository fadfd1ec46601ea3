package jobs

import (
	"strconv"
	"strings"
)

// The table is lectern.job_runs in PostgreSQL, lectern_job_runs in MySQL and MariaDB.
//
//	job, slot    which job, and the time of its schedule: the primary key, so that a slot runs once
//	token        that of the lock under which it began
//	active       1 while it runs, else null: unique for a job, so that runs of one job never overlap
//	lease_until  until when the instance that runs it has promised to be alive; all times are the database's
//
// Statements are written once: {…} is what the dialects differ in, "?" an argument.
type statements struct {
	expand func(string) string

	exists, state, begin, renew, finish, lose, oldestKept, trim, list string
	create                                                            []string
}

// createLock serializes the making of the table (a number of our own): CREATE … IF NOT EXISTS alone fails when two do it.
const createLock = "7235421877"

var createPostgres = []string{
	"SELECT pg_advisory_xact_lock(" + createLock + ")",
	"CREATE SCHEMA IF NOT EXISTS lectern",
	`CREATE TABLE IF NOT EXISTS {t} (
		job text NOT NULL, slot timestamptz NOT NULL, token bigint NOT NULL, instance text NOT NULL, status text NOT NULL, active smallint,
		started_at timestamptz, lease_until timestamptz, finished_at timestamptz, seconds double precision, exit_status integer, reason text NOT NULL DEFAULT '',
		PRIMARY KEY (job, slot), CONSTRAINT one_at_a_time UNIQUE (job, active))`,
	"CREATE INDEX IF NOT EXISTS job_runs_token ON {t} (job, token)",
}

var createMySQL = []string{
	`CREATE TABLE IF NOT EXISTS {t} (
		job varchar(63) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, slot datetime NOT NULL, token bigint NOT NULL, instance varchar(255) NOT NULL, status varchar(15) NOT NULL, active smallint,
		started_at datetime(6), lease_until datetime(6), finished_at datetime(6), seconds double, exit_status integer, reason varchar(500) NOT NULL DEFAULT '',
		PRIMARY KEY (job, slot), UNIQUE KEY one_at_a_time (job, active), KEY job_runs_token (job, token)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
}

const (
	// stateStatement answers at least one row. The left of the lease is in microseconds.
	stateStatement = `SELECT n.now, n.highest, r.slot, r.token, r.instance, CASE WHEN r.active = 1 THEN {left} END
		FROM (SELECT {now} AS now, (SELECT MAX(token) FROM {t} WHERE job = ?) AS highest) n
		LEFT JOIN {t} r ON r.job = ? AND (r.slot >= ? OR r.active = 1)`

	beginStatement = `INSERT INTO {t} (job, slot, token, instance, status, active, started_at, lease_until)
		SELECT {text}, {time}, {int}, {text}, {text}, 1, {now}, {now} + {us} {dual}
		WHERE {time} <= {now} + {us} AND NOT EXISTS (SELECT 1 FROM {t} o WHERE o.job = ? AND o.token > ?)
		{unless there}`

	renewStatement = `UPDATE {t} SET lease_until = {now} + {us} WHERE job = ? AND slot = ? AND token = ? AND active = 1`

	finishStatement = `UPDATE {t} SET status = ?, active = NULL, finished_at = {now}, seconds = ?, exit_status = ?, reason = ?
		WHERE job = ? AND slot = ? AND token = ? AND (active = 1 OR status = ?)`

	loseStatement = `UPDATE {t} SET status = ?, active = NULL, finished_at = {now}, reason = ?
		WHERE job = ? AND slot = ? AND token = ? AND active = 1 AND lease_until < {now}`

	missedStatement = `INSERT INTO {t} (job, slot, token, instance, status, finished_at) VALUES {values} {unless there}`
	missedValues    = `(?, ?, ?, ?, ?, {now})`

	oldestKeptStatement = `SELECT slot FROM {t} WHERE job = ? ORDER BY slot DESC LIMIT 1 OFFSET ?`

	trimStatement = `DELETE FROM {t} WHERE job = ? AND slot < ? AND slot < {now} + {us} AND active IS NULL`

	listStatement = `SELECT job, slot, token, instance, status, started_at, finished_at, seconds, exit_status, reason FROM {t}
		WHERE ({text} = '' OR job = ?) AND (NOT {bool} OR status NOT IN ('running', 'succeeded')) ORDER BY slot DESC, job LIMIT ?`
)

func statementsFor(postgres bool) statements {
	existing, create := "SELECT to_regclass('{t}') IS NOT NULL", createPostgres
	words := strings.NewReplacer("{t}", "lectern.job_runs", "{now}", "clock_timestamp()", "{us}", "CAST(? AS bigint) * interval '1 microsecond'",
		"{left}", "CAST(EXTRACT(EPOCH FROM r.lease_until - clock_timestamp()) * 1000000 AS bigint)", "{dual}", "", "{unless there}", "ON CONFLICT DO NOTHING",
		"{text}", "CAST(? AS text)", "{time}", "CAST(? AS timestamptz)", "{int}", "CAST(? AS bigint)", "{bool}", "CAST(? AS boolean)")
	if !postgres {
		existing, create = "SELECT COUNT(*) > 0 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '{t}'", createMySQL
		words = strings.NewReplacer("{t}", "lectern_job_runs", "{now}", "UTC_TIMESTAMP(6)", "{us}", "INTERVAL ? MICROSECOND",
			"{left}", "TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), r.lease_until)", "{dual}", "FROM DUAL", "{unless there}", "ON DUPLICATE KEY UPDATE job = lectern_job_runs.job",
			"{text}", "?", "{time}", "?", "{int}", "?", "{bool}", "?")
	}
	expand := words.Replace
	if postgres {
		expand = func(statement string) string { return numbered(words.Replace(statement)) }
	}
	s := statements{
		expand: expand, exists: expand(existing), state: expand(stateStatement), begin: expand(beginStatement), renew: expand(renewStatement),
		finish: expand(finishStatement), lose: expand(loseStatement), oldestKept: expand(oldestKeptStatement), trim: expand(trimStatement), list: expand(listStatement),
	}
	for _, statement := range create {
		s.create = append(s.create, expand(statement))
	}
	return s
}

// numbered writes arguments as PostgreSQL does: $1, $2, …
func numbered(statement string) string {
	parts := strings.Split(statement, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}
