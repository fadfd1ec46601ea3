package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/test/load/learner"
)

// measureStore measures the engine's store without HTTP around it, against pgbench in turns: what is left of the limit once
// the state of the activity, the attempt's result and the event are kept consistent.
func measureStore(ctx context.Context, s *servers, o options) error {
	commits, err := s.openAttempts(ctx, slices.Max(o.connections), o.payload)
	if err != nil {
		return err
	}
	login := fmt.Sprintf(`{"username":%q,"password":%q}`, s.db.User, s.db.Password)
	db, err := postgres.Open(ctx, postgres.Options{
		Host: s.db.Host, Port: s.db.Port, Name: s.database, AppName: "load",
		Login: secrets.New(func(context.Context) (string, error) { return login, nil }, secrets.DecodeLogin, time.Hour),
	})
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Println("\nThe store alone, without HTTP:")
	fmt.Println("\n| at once | store/s | p50 ms | p99 ms | pgbench/s | ratio |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, n := range o.connections {
		var ours, limits []measured
		for range o.repeat {
			m, err := storeLoop(ctx, db, commits[:n], o.duration)
			if err != nil {
				return err
			}
			limit, err := pgbench(ctx, s, n, o)
			if err != nil {
				return err
			}
			ours, limits = append(ours, m), append(limits, limit)
		}
		us, limit := median(ours), median(limits)
		fmt.Printf("| %d | %.0f | %s | %s | %.0f | %.2f |\n", n, us.perSecond, milliseconds(us.percentile(.5)), milliseconds(us.percentile(.99)), limit.perSecond, us.perSecond/limit.perSecond)
	}
	return nil
}

// openAttempts are commits for launches that are open, counting on from their newest ones.
func (s *servers) openAttempts(ctx context.Context, n, payload int) ([]attempt.Commit, error) {
	conn, err := pgx.Connect(ctx, s.dsn())
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT l.tenant_id, a.id::text, l.id::text, l.fence, CASE WHEN a.applied_fence = l.fence THEN a.applied_sequence ELSE 0 END
		FROM launches l JOIN attempts a ON a.tenant_id = l.tenant_id AND a.id = l.attempt_id AND a.fence = l.fence
		WHERE l.opened_at IS NOT NULL AND l.ended_at IS NULL ORDER BY l.id DESC LIMIT $1`, n)
	if err != nil {
		return nil, err
	}
	state := new(learner.Learner).Next(payload).CMI
	commits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c attempt.Commit, err error) {
		c.ActivityID, c.CMI = "i", state
		c.Activity.Completion, c.Activity.Success = attempt.CompletionIncomplete, attempt.SuccessUnknown
		c.Course = c.Activity
		return c, row.Scan(&c.TenantID, &c.AttemptID, &c.LaunchID, &c.Fence, &c.Sequence)
	})
	if err == nil && len(commits) < n {
		err = fmt.Errorf("only %d launches are open", len(commits))
	}
	return commits, err
}

func storeLoop(ctx context.Context, db *postgres.DB, commits []attempt.Commit, d time.Duration) (measured, error) {
	return play(len(commits), d, func(worker, _ int, _ time.Time) (time.Duration, error) {
		c := &commits[worker]
		c.Sequence++
		start := time.Now()
		kept, err := db.Commit(ctx, *c)
		if err == nil && kept.Outcome != attempt.Applied {
			err = fmt.Errorf("a commit was %s", kept.Outcome)
		}
		return time.Since(start), err
	})
}
