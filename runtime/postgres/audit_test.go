package postgres_test

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// tables are those with rows of tenants.
var tables = []string{
	"api_keys", "courses", "course_versions", "imports", "registrations", "attempts", "activity_states", "launches", "webhooks", "events", "deliveries", "idempotency_keys",
	"erasures", "archives",
}

// forAllTenants are the beginnings of the statements that may reach rows of every tenant, with the reason.
var forAllTenants = map[string]string{
	"authentication finds the tenant by the key":  "SELECT id, tenant_id, name, scopes, created_at, expires_at, revoked_at, last_used_at FROM api_keys WHERE id = $1 AND hash = $2",
	"the sweeper looks for lost messages":         "SELECT id, tenant_id, course_id, file_name, skeleton, state, progress, report, version, attempts, created_at, finished_at FROM imports WHERE queued_at < $1",
	"the worker expands events":                   "WITH due AS ( SELECT tenant_id, id, type FROM events WHERE NOT expanded",
	"the worker delivers":                         "WITH due AS ( SELECT d.*, row_number() OVER (PARTITION BY d.tenant_id",
	"the worker imports":                          "WITH next AS ( SELECT i.tenant_id, i.id FROM imports i",
	"the sweeper ends old deliveries":             "UPDATE deliveries SET next_at = NULL, last_error = coalesce(nullif(last_error, ''), 'the receiver",
	"the sweeper looks for abandoned imports":     "SELECT id, tenant_id, course_id, file_name, skeleton, state, progress, report, version, attempts, created_at, finished_at FROM imports WHERE state = 'waiting'",
	"the worker erases":                           "WITH due AS ( SELECT tenant_id, id FROM erasures WHERE finished_at IS NULL",
	"the sweeper forgets old events":              "DELETE FROM events WHERE (tenant_id, id) IN (",
	"a migration gives the registrations words":   "UPDATE registrations SET words = search_words(tenant_id,",
	"the sweeper forgets old idempotency answers": "DELETE FROM idempotency_keys WHERE (tenant_id, key) IN (",
}

var (
	space = regexp.MustCompile(`\s+`)
	// Each use of a table, its alias, and up to the next: FROM t a, JOIN t a, UPDATE t a, INTO t (.
	use = regexp.MustCompile(`(?i)\b(FROM|JOIN|UPDATE|INTO)\s+(` + strings.Join(tables, "|") + `)(?:_p\d\d)?\b(?:\s+(?:AS\s+)?([a-z]\b))?`)
)

// audit looks at every different statement that the tests ran: each use of a tenant's table must be bound to $1, the
// tenant.
func (s *statements) audit() error {
	var errs []error
	used := map[string]bool{}
	for sql := range s.sql {
		sql = strings.TrimSpace(space.ReplaceAllString(sql, " "))
		if reason := exception(sql); reason != "" {
			used[reason] = true
			continue
		}
		for _, m := range use.FindAllStringSubmatchIndex(sql, -1) {
			verb, table, rest := strings.ToUpper(sql[m[2]:m[3]]), sql[m[4]:m[5]], sql[m[1]:]
			alias := ""
			if m[6] >= 0 {
				alias = sql[m[6]:m[7]] + "."
			}
			ok := false
			if verb == "INTO" {
				values := regexp.MustCompile(`(?i)(VALUES \(\$1,|SELECT \$1,)`)
				if i := strings.Index(rest, "(tenant_id,"); i >= 0 && i < 8 {
					ok = values.MatchString(rest)
				}
			} else {
				ok = strings.Contains(rest, " "+alias+"tenant_id = $1")
			}
			if !ok {
				errs = append(errs, fmt.Errorf("%s %s is not bound to the tenant in: %s", verb, table, sql))
			}
			used[table] = true
		}
	}
	if flag.Lookup("test.run").Value.String() != "" { // not all of them
		return errors.Join(errs...)
	}
	for _, table := range tables {
		if !used[table] {
			errs = append(errs, fmt.Errorf("no test ran a statement on %s", table))
		}
	}
	for reason := range forAllTenants {
		if !used[reason] {
			errs = append(errs, fmt.Errorf("no test ran the statement excepted because %s", reason))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

func exception(sql string) string {
	for reason, beginning := range forAllTenants {
		if strings.HasPrefix(sql, beginning) {
			return reason
		}
	}
	return ""
}
