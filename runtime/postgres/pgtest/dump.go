package pgtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// sqlDump writes a statement that reads every value of every table of the schema public; bytes are shown as the text they are.
const sqlDump = `SELECT string_agg(format('SELECT %L || %s FROM %I', t.name || ': ', t.columns, t.name), ' UNION ALL ') FROM (
	SELECT c.table_name AS name, string_agg(format(CASE data_type WHEN 'bytea' THEN $$coalesce(encode(%I, 'escape'), '')$$ ELSE $$coalesce(%I::text, '')$$ END,
		column_name), $$ || '|' || $$) AS columns
	FROM information_schema.columns c JOIN pg_class p ON p.relname = c.table_name AND NOT p.relispartition
	WHERE c.table_schema = 'public' GROUP BY c.table_name) t`

// Dump is every row of every table, a line each: for tests that look for what must not be there. (The packages of the binaries have
// no pg_dump.)
func Dump(ctx context.Context, conn *pgx.Conn) (string, error) {
	var sql string
	if err := conn.QueryRow(ctx, sqlDump).Scan(&sql); err != nil {
		return "", fmt.Errorf("pgtest: dump: %w", err)
	}
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return "", fmt.Errorf("pgtest: dump: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("pgtest: dump: %w", err)
	}
	return strings.Join(lines, "\n"), nil
}
