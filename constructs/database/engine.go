package database

import (
	"maps"
	"slices"
	"strings"
)

// Engine is the SQL dialect, the same word for RDS and Aurora.
type Engine string

const (
	Postgres Engine = "postgres"
	MySQL    Engine = "mysql"
	MariaDB  Engine = "mariadb"
)

// service is the engine as RDS knows it: the dialect, or Aurora's version of it.
type service string

const (
	rdsPostgres    service = "postgres"
	rdsMySQL       service = "mysql"
	rdsMariaDB     service = "mariadb"
	auroraPostgres service = "aurora-postgresql"
	auroraMySQL    service = "aurora-mysql"
)

// aurora is the dialect's Aurora; ok is false where there is none.
func (e Engine) aurora() (s service, ok bool) {
	s, ok = map[Engine]service{Postgres: auroraPostgres, MySQL: auroraMySQL}[e]
	return s, ok
}

// traits are what differs between the services and cannot be derived.
type traits struct {
	// majorParts of the version name the parameter group family: PostgreSQL counts
	// major versions in one number, the others in two.
	majorParts int
	// parameters require TLS of every client, and write slow statements to a file
	// where the default is a table that CloudWatch never sees.
	parameters map[string]string
	// logs go to CloudWatch Logs.
	logs []string
	// noInsights are class prefixes that Database Insights does not support.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Engines.html
	// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.Engines.html
	noInsights []string
}

func (s service) traits() traits {
	slow := func(p map[string]string) map[string]string {
		p["slow_query_log"] = "1"
		p["long_query_time"] = "2"
		p["log_output"] = "FILE"
		return p
	}
	small := []string{"db.t2.micro", "db.t2.small", "db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"}

	// The spelling of "on" is each service's own: 1 for RDS MySQL, ON for MariaDB and
	// Aurora MySQL.
	switch s {
	case rdsPostgres:
		return traits{
			majorParts: 1,
			parameters: map[string]string{"rds.force_ssl": "1"},
			logs:       []string{"postgresql", "upgrade"},
		}
	case auroraPostgres:
		return traits{
			majorParts: 1,
			parameters: map[string]string{"rds.force_ssl": "1"},
			logs:       []string{"postgresql"},
		}
	case rdsMySQL:
		return traits{
			majorParts: 2,
			parameters: slow(map[string]string{"require_secure_transport": "1"}),
			logs:       []string{"error", "slowquery"},
			noInsights: small,
		}
	case rdsMariaDB:
		return traits{
			majorParts: 2,
			parameters: slow(map[string]string{"require_secure_transport": "ON"}),
			logs:       []string{"error", "slowquery"},
			noInsights: small,
		}
	case auroraMySQL:
		return traits{
			majorParts: 2,
			parameters: slow(map[string]string{"require_secure_transport": "ON"}),
			logs:       []string{"error", "slowquery"},
			noInsights: []string{"db.t2.", "db.t3.", "db.t4g.micro", "db.t4g.small"},
		}
	default:
		panic("database: unknown engine " + string(s))
	}
}

// family is the name of the parameter group family for a version.
func (s service) family(version string) string {
	parts := strings.Split(version, ".")
	n := s.traits().majorParts
	if len(parts) < n {
		panic("database: engine version " + version + " of " + string(s) + " is too short; write it in full")
	}
	return string(s) + strings.Join(parts[:n], ".")
}

// parameters are the service's own with the caller's added; the caller cannot
// switch TLS off.
func (s service) parameters(extra map[string]string) map[string]string {
	out := maps.Clone(extra)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, s.traits().parameters)
	return out
}

// insights says whether Database Insights works on the instance class.
func (s service) insights(class string) bool {
	return !slices.ContainsFunc(s.traits().noInsights, func(prefix string) bool {
		return strings.HasPrefix(class, prefix)
	})
}
