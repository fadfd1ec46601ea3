package pgtest

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// sqlDump writes a statement that reads every value of every table of the schema public; bytes are shown as the text they are.
const sqlDump = `SELECT string_agg(format('SELECT %L || %s FROM %I', t.name || ': ', t.columns, t.name), ' UNION ALL ') FROM (
	SELECT c.table_name AS name, string_agg(format(CASE data_type WHEN 'bytea' THEN $$coalesce(encode(%I, 'escape'), '')$$ ELSE $$coalesce(%I::text, '')$$ END,
		column_name), $$ || '|' || $$) AS columns
	FROM information_schema.columns c JOIN pg_class p ON p.relname = c.table_name AND NOT p.relispartition
	WHERE c.table_schema = 'public' GROUP BY c.table_name) t`

// sqlStatistics is what the planner has copied of the values.
const sqlStatistics = `SELECT concat_ws('|', 'statistics: ' || tablename, attname, most_common_vals::text, histogram_bounds::text, most_common_elems::text)
	FROM pg_stats WHERE schemaname = 'public'`

// inHex is how bytes stand in statistics.
var inHex = regexp.MustCompile(`x((?:[0-9a-f]{2})+)`)

// Dump is every row of every table, a line each, and what the planner's statistics hold of them: for tests that look for what must not be there. (The packages of the binaries have
// no pg_dump.)
func Dump(ctx context.Context, conn *pgx.Conn) (string, error) {
	var sql string
	if err := conn.QueryRow(ctx, sqlDump).Scan(&sql); err != nil {
		return "", fmt.Errorf("pgtest: dump: %w", err)
	}
	lines, err := linesOf(ctx, conn, sql)
	if err != nil {
		return "", err
	}
	statistics, err := linesOf(ctx, conn, sqlStatistics)
	if err != nil {
		return "", err
	}
	for _, line := range statistics {
		for _, bytes := range inHex.FindAllStringSubmatch(line, -1) {
			if text, err := hex.DecodeString(bytes[1]); err == nil {
				line += "|" + string(text)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n"), nil
}

func linesOf(ctx context.Context, conn *pgx.Conn, sql string) ([]string, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("pgtest: dump: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("pgtest: dump: %w", err)
	}
	return list, nil
}
