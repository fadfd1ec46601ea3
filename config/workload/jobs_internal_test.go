package workload

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSchedules(t *testing.T) {
	for schedule, want := range map[string]string{
		"* * * * *":           "",
		"*/5 * * * *":         "",
		"0 30 2 * * MON-FRI":  "",
		"*/10 * * * * *":      "",
		"0 0 29 2 *":          "",
		"0 6 1,15 * *":        "",
		"0 0 31 1,6 *":        "",
		"0 0 31 2/2 *":        "",
		"0 0 30/5 feb,apr *":  "",
		"0 0 30 2 MON":        "",
		"@daily":              `"@daily" has 1 fields`,
		"0 0 1 1 * 2026":      `"0 0 1 1 * 2026" ends with a year`,
		"0 0 0 1 1 * 2026":    `"0 0 0 1 1 * 2026" has 7 fields`,
		"60 * * * *":          `"60 * * * *" is not a schedule`,
		"every five minutes!": `"every five minutes!" has 3 fields`,
		"a b c d e":           `"a b c d e" is not a schedule`,
		"*/0 * * * *":         `"*/0 * * * *" is not a schedule`,
		"0 0 30 2 *":          `"0 0 30 2 *" never comes`,
		"0 0 31 4,6,9,11 *":   `"0 0 31 4,6,9,11 *" never comes`,
		"90/5 * * * *":        `"90/5 * * * *" never comes`,
		"? * * * * ?":         "",
		"0 0 0 31 2 *":        `"0 0 0 31 2 *" never comes`,
	} {
		found, fix := scheduleProblem(schedule)
		require.Equal(t, want, found, schedule)
		require.Equal(t, want == "", fix == "", schedule)
	}
}

func TestTheLimitOfAJobHasADefault(t *testing.T) {
	require.Equal(t, 3600, Job{}.Limit())
	require.Equal(t, 60, Job{LimitSeconds: 60}.Limit())
}
