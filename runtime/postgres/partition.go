package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// partitions remembers which partition each tenant is in. All tables are partitioned alike, so its number is the same in
// all of them, and it never changes.
//
// The statements of commits name the partition instead of the table: planning, opening and locking sixteen of
// everything costs more than the commit itself.
type partitions struct {
	of sync.Map // tenant id → suffix of the names of its partitions, e.g. "_p07"
}

const sqlPartition = `SELECT n FROM generate_series(0, 15) AS n WHERE satisfies_hash_partition('attempts'::regclass, 16, n, $1::text)`

func (p *partitions) suffix(ctx context.Context, q querier, tenantID string) (string, error) {
	if known, ok := p.of.Load(tenantID); ok {
		return known.(string), nil
	}
	var n int
	if err := q.QueryRow(ctx, sqlPartition, tenantID).Scan(&n); err != nil {
		return "", fmt.Errorf("find the partition of a tenant: %w", err)
	}
	suffix := fmt.Sprintf("_p%02d", n)
	p.of.Store(tenantID, suffix)
	return suffix, nil
}

// inPartition puts the suffix where a statement says %.
func inPartition(sql, suffix string) string { return strings.ReplaceAll(sql, "%", suffix) }
