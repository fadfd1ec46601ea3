package jobs_test

import (
	"testing"
	"time"

	"github.com/adhocore/gronx"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host/jobs"
)

func TestSchedules(t *testing.T) {
	for _, tc := range []struct {
		schedule, from string
		want           []string
	}{
		{"*/15 * * * *", "2026-02-28T23:46:00Z", []string{"2026-03-01T00:00:00Z", "2026-03-01T00:15:00Z"}},
		{"* * * * *", "2026-02-28T23:46:00Z", []string{"2026-02-28T23:46:00Z", "2026-02-28T23:47:00Z"}},
		{"* * * * *", "2026-02-28T23:46:00.5Z", []string{"2026-02-28T23:47:00Z"}},
		{"* * * * * *", "2026-02-28T23:59:59Z", []string{"2026-02-28T23:59:59Z", "2026-03-01T00:00:00Z"}},
		{"*/10 * * * * *", "2026-02-28T23:59:51Z", []string{"2026-03-01T00:00:00Z", "2026-03-01T00:00:10Z"}},
		{"30 2 * * MON-FRI", "2026-11-20T02:31:00Z", []string{"2026-11-23T02:30:00Z"}},
		{"0 0 29 2 *", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z"}},
		{"0 0 1 1 *", "2026-06-01T02:00:00+02:00", []string{"2027-01-01T00:00:00Z"}},
		{" 0  3 1,15 * * ", "2026-06-02T00:00:00Z", []string{"2026-06-15T03:00:00Z", "2026-07-01T03:00:00Z"}},
		{"30 1 * * *", "2026-10-25T00:00:00+02:00", []string{"2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"}}, // clocks change; UTC does not
	} {
		s, err := jobs.ParseSchedule(tc.schedule)
		require.NoError(t, err, tc.schedule)
		at, err := time.Parse(time.RFC3339, tc.from)
		require.NoError(t, err)
		for _, want := range tc.want {
			at, err = s.Next(at)
			require.NoError(t, err)
			require.Equal(t, want, at.Format(time.RFC3339), tc.schedule)
			at = at.Add(time.Second)
		}
	}
	for schedule, want := range map[string]string{
		"":                    "0 fields",
		"* * * *":             "4 fields",
		"* * * * * * *":       "7 fields",
		"@daily":              "1 fields",
		"61 * * * *":          "not a cron expression",
		"a * * * *":           "not a cron expression",
		"*/0 * * * *":         "not a cron expression",
		"0 0 30 2 *":          "never due",
		"1, * * * *":          "not a cron expression",
		"0 24 * * *":          "not a cron expression",
		"0 0 * * * 2026-2030": "not a cron expression",
	} {
		_, err := jobs.ParseSchedule(schedule)
		require.ErrorContains(t, err, want, schedule)
	}
}

// TestSlotsAreThoseThatTheExpressionSays compares with the plainest way: asking of every second.
func TestSlotsAreThoseThatTheExpressionSays(t *testing.T) {
	start := time.Date(2026, 11, 29, 23, 57, 3, 0, time.UTC) // a Sunday
	for _, expression := range []string{
		"*/7 * * * * *", "13,5 */2 * * * *", "0 30 0 * * 1-2", "0 0 1 1,30 * 1", "10-20/5 59 23 * * *", "0 0 0 L * *", "30 0 0 * * SUN,MON", "0 15 0-18/2 ? 11,12 ?",
	} {
		s, err := jobs.ParseSchedule(expression)
		require.NoError(t, err, expression)
		cron := gronx.New()
		next, err := s.Next(start)
		require.NoError(t, err)
		found := 0
		for at := start; at.Before(start.Add(65 * time.Minute)); at = at.Add(time.Second) {
			ok, err := cron.IsDue(expression, at)
			require.NoError(t, err)
			if !ok {
				continue
			}
			found++
			require.Equal(t, at, next, expression)
			next, err = s.Next(at.Add(time.Second))
			require.NoError(t, err)
		}
		require.Positive(t, found, expression)
	}
}

func BenchmarkNext(b *testing.B) {
	s, err := jobs.ParseSchedule("0 0 29 2 *")
	require.NoError(b, err)
	for b.Loop() {
		_, _ = s.Next(time.Date(2028, 3, 1, 0, 0, 0, 0, time.UTC))
	}
}
