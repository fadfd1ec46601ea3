package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/awstest"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
)

func TestOperatorsSeeWhatJobsDid(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:database"
	a, s := awstest.Start(t), pgtest.Start(t)
	login := fmt.Sprintf(`{"username":%q,"password":%q}`, pgtest.User, s.Password)
	a.SetSecret(arn, login)
	c := contract.Config{
		Client: "demo", Workload: "gitapp", Role: contract.RoleWeb, Region: awstest.Region,
		Database: contract.Database{
			Engine: contract.EnginePostgres, Host: s.Host, Port: s.Port, Name: pgtest.Database, SecretARN: arn, TLSMode: contract.TLSDisable,
		},
		ObjectStore: contract.ObjectStore{Kind: contract.StoreS3, Bucket: "b", Region: awstest.Region},
	}
	list := []contract.Job{
		{Name: "good", Schedule: "* * * * * *", Run: "true", LimitSeconds: 9},
		{Name: "bad", Schedule: "* * * * * *", Run: "exit 3", LimitSeconds: 9},
		{Name: "never", Schedule: "0 0 29 2 *", Run: "true", LimitSeconds: 9},
	}
	dir := t.TempDir()
	config, recipe := filepath.Join(dir, "runtime.json"), filepath.Join(dir, "recipe.json")
	text, err := c.JSON()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	recipeText, err := contract.Recipe{Distributions: map[string]contract.Distribution{"debian-13": {}}, CheckPath: "/", DrainSeconds: 1, Jobs: list}.JSON()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(recipe, recipeText, 0o600))

	ask := func(args ...string) (string, error) {
		var out bytes.Buffer
		cmd := newJobsCommand(&out)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{"--config", config, "--recipe", recipe}, args...))
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
	out, err := ask()
	require.NoError(t, err, "before any job ran")
	require.Equal(t, "JOB  SLOT  INSTANCE  DURATION  STATUS  EXIT  REASON\n", out)
	out, err = ask("--json")
	require.NoError(t, err)
	require.JSONEq(t, "[]", out)

	db, err := database.Open(database.Options{Database: c.Database, Login: secrets.New(
		func(context.Context) (string, error) { return login, nil }, secrets.DecodeLogin, 0)})
	require.NoError(t, err)
	defer db.Close()
	r, err := jobs.New(jobs.Options{
		Jobs: list, Cache: cache.NewEmbedded(0), Database: db, Commands: command.System{}, Dir: dir, Instance: "i-0123456789abcdef0", Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	r.Run(ctx)

	out, err = ask("bad", "--limit", "2") // the newest may have been cut off by the end of the runner
	require.NoError(t, err)
	require.Regexp(t, `^JOB +SLOT +INSTANCE +DURATION +STATUS +EXIT +REASON\n`, out)
	require.Regexp(t, `(?m)^bad +20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ +i-0123456789abcdef0 +\d+m?s +failed +3 +$`, out)
	require.Equal(t, 3, strings.Count(out, "\n"), "the heading and two runs")
	out, err = ask("--json", "--limit", "100")
	require.NoError(t, err)
	var runs []jobs.Run
	require.NoError(t, json.Unmarshal([]byte(out), &runs))
	require.GreaterOrEqual(t, len(runs), 4)
	for i := range runs[1:] {
		require.False(t, runs[i].Slot.Before(runs[i+1].Slot), "newest first")
	}
	out, err = ask("--failed", "--limit", "100")
	require.NoError(t, err)
	require.Contains(t, out, "bad ")
	require.NotContains(t, out, "good ")
	out, err = ask("never")
	require.NoError(t, err)
	require.NotContains(t, out, "never")
	_, err = ask("nightly")
	require.ErrorContains(t, err, `there is no job "nightly"; use good, bad, never`)
	_, err = ask("--limit", "0")
	require.ErrorContains(t, err, "--limit 0")
}
