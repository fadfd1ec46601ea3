package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStatisticsHoldNobodysName: what ANALYZE had copied before the migration is dropped by it, and nothing is copied after.
func TestStatisticsHoldNobodysName(t *testing.T) {
	s := newStore(t)
	l := s.learner()
	s.learnerOf(l.tenantID, l.courseID)
	copied := func() int64 {
		s.server.Exec("ANALYZE")
		return ask[int64](t, s.server, "SELECT count(*) FROM pg_stats WHERE tablename LIKE 'registrations%' AND (most_common_vals::text LIKE '%Doe, Jo%' OR histogram_bounds::text LIKE '%learner-%')")
	}
	require.Zero(t, copied())
	s.server.Exec("ALTER TABLE registrations ALTER COLUMN learner_id SET STATISTICS -1, ALTER COLUMN learner_name SET STATISTICS -1") // as before
	require.EqualValues(t, 4, copied(), "two columns of the table and of a partition")
	migration, err := os.ReadFile("migrations/00013_no_statistics.sql")
	require.NoError(t, err)
	_, up, _ := strings.Cut(string(migration), "-- +goose Up\n")
	s.server.Exec("DROP TRIGGER keep_words ON registrations") // of a later migration; no column that a trigger reads is given a type
	for statement := range strings.SplitSeq(strings.TrimSpace(up), ";\n") {
		s.server.Exec(statement)
	}
	require.Zero(t, copied())
}
