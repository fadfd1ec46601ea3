package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config"
	"github.com/lectern/lectern/config/plan"
)

func (c *cli) check() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check all client files, each alone and all together",
		Long: `Check all client files: what each says, what its defaults make of it, and what
all say together (overlapping networks, names that two clients claim). Every
problem is listed at once, with what would do. Quotas that all clients together
exceed are warnings: an account may have been granted more.`,
		Args: cobra.NoArgs,
		RunE: verb(func([]string) error { return c.runCheck(asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print problems and warnings as JSON")
	return cmd
}

// checked is the JSON of check.
type checked struct {
	Clients  []string     `json:"clients"`
	Problems []problem    `json:"problems"`
	Quotas   []plan.Quota `json:"quotas"`
}

type problem struct {
	File  string `json:"file"`
	Line  int    `json:"line"`
	Path  string `json:"path"`
	Found string `json:"found"`
	Fix   string `json:"fix"`
}

func (c *cli) runCheck(asJSON bool) error {
	clients, problems := plan.Load(c.clients)
	quotas := clients.Quotas()
	if asJSON {
		result := checked{Clients: clients.Names(), Problems: []problem{}, Quotas: quotas}
		for _, p := range problems {
			result.Problems = append(result.Problems, problem(p))
		}
		if err := c.printJSON(result); err != nil {
			return err
		}
		if len(problems) > 0 {
			return errTold
		}
		return nil
	}
	c.warn(quotas)
	if len(problems) > 0 {
		return c.tell(problems)
	}
	fmt.Fprintf(c.talk, "%s %s fine\n", count(len(clients.Plans), "client file"), pick(len(clients.Plans) == 1, "is", "are"))
	return nil
}

// warn tells of quotas that are exceeded.
func (c *cli) warn(quotas []plan.Quota) {
	for _, q := range quotas {
		fmt.Fprintf(c.talk, "warning: %s\n  %s\n", q, q.Command)
	}
}

// completeClients offers the names of the clients to the shell.
func (c *cli) completeClients(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	files, _ := config.ReadDir(c.clients) // what cannot be read is not offered
	var names []cobra.Completion
	for _, f := range files {
		names = append(names, f.Client.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
