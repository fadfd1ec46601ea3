package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/secrets"
)

// newJobsCommand is how operators see what the fleet's jobs did, from any of its instances.
func newJobsCommand(out io.Writer) *cobra.Command {
	var s source
	var recipe string
	var atMost int
	var asJSON, failed bool
	c := &cobra.Command{
		Use:   "jobs [NAME]",
		Short: "The runs of the fleet's jobs, or of one, newest first",
		Long: `Reads the records in the database of the workload: what ran, when, on which instance, for how long and how it ended.
A run is running, succeeded, failed (the command did, or ran into its limit), stopped (the instance left), lost (the
instance died, or could not prove that it alone ran the job; it is not repeated) or missed (no instance began it in time).`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if atMost < 1 {
				return fmt.Errorf("--limit %d shows nothing; use 1 or more", atMost)
			}
			name := strings.Join(args, "")
			runs, err := listRuns(cmd.Context(), s, name, failed, atMost)
			if err != nil {
				return err
			}
			if len(runs) == 0 && name != "" {
				if err := checkJobName(recipe, name); err != nil {
					return err
				}
			}
			if asJSON {
				if runs == nil {
					runs = []jobs.Run{} // a list, also when it is empty
				}
				e := json.NewEncoder(out)
				e.SetIndent("", "  ")
				return e.Encode(runs)
			}
			return printRuns(out, runs)
		},
	}
	s.addFlags(c)
	f := c.Flags()
	f.StringVar(&recipe, "recipe", contract.RecipePath, "recipe, which names the jobs; ignored if it does not exist")
	f.IntVar(&atMost, "limit", 20, "how many runs")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	f.BoolVar(&failed, "failed", false, "only those that failed, were stopped, lost or missed")
	return c
}

func listRuns(ctx context.Context, s source, name string, failed bool, atMost int) ([]jobs.Run, error) {
	c, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return nil, err
	}
	db, err := database.Open(database.Options{
		Database: c.Database, CABundle: s.caBundle, AppName: "lectern-jobs",
		Login: secret(secretsmanager.NewFromConfig(cfg), c.Database.SecretARN, secrets.DecodeLogin),
	})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return jobs.NewRecords(db).List(ctx, name, failed, atMost)
}

// checkJobName tells a job without runs from a name that is wrong.
func checkJobName(recipe, name string) error {
	text, err := os.ReadFile(recipe)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the recipe: %w", err)
	}
	r, err := contract.ParseRecipe(text)
	if err != nil {
		return fmt.Errorf("%s: %w", recipe, err)
	}
	var names []string
	for _, j := range r.Jobs {
		names = append(names, j.Name)
	}
	if slices.Contains(names, name) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no job %q; %s has none at all", name, recipe)
	}
	return fmt.Errorf("there is no job %q; use %s", name, strings.Join(names, ", "))
}

func printRuns(out io.Writer, runs []jobs.Run) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tSLOT\tINSTANCE\tDURATION\tSTATUS\tEXIT\tREASON")
	for _, r := range runs {
		duration, exit := "-", "-"
		if r.Seconds != nil {
			duration = time.Duration(*r.Seconds * float64(time.Second)).Round(time.Millisecond).String()
		}
		if r.Exit != nil {
			exit = fmt.Sprint(*r.Exit)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Job, r.Slot.Format(time.RFC3339), r.Instance, duration, r.Status, exit, r.Reason)
	}
	return w.Flush()
}
