package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config/plan"
)

func (c *cli) plan() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "plan NAME",
		Short:             "Show all that is decided for a client, before anything is deployed",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completeClients,
		RunE:              verb(func(args []string) error { return c.runPlan(args[0], asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the plan as JSON")
	return cmd
}

// runPlan shows the plan of a client although other files may have problems; it
// fails then all the same, as a synth would.
func (c *cli) runPlan(name string, asJSON bool) error {
	clients, problems := plan.Load(c.clients)
	p, err := clients.Find(name)
	if err != nil {
		if len(problems) > 0 {
			told := c.tell(problems)
			if _, statErr := os.Stat(filepath.Join(c.clients, name+".yaml")); statErr == nil {
				return told
			}
		}
		return err
	}
	if asJSON {
		err = c.printJSON(p)
	} else {
		err = printPlan(c.out, p, quotasOf(clients, p))
	}
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return c.tell(problems)
	}
	fmt.Fprintf(c.talk, "\nNext: make synth CLIENT=%s\n", name)
	return nil
}

// quotasOf are the warnings that concern a client.
func quotasOf(clients plan.Clients, p plan.Plan) []plan.Quota {
	return slices.DeleteFunc(clients.Quotas(), func(q plan.Quota) bool { return !slices.Contains(q.Clients, p.Client) })
}
