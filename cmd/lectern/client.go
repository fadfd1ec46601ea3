package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config/plan"
)

func (c *cli) client() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "client",
		Short: "List clients and write new client files",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	cmd.AddCommand(c.clientList(), c.clientNew())
	return cmd
}

func (c *cli) clientList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all clients",
		Args:  cobra.NoArgs,
		RunE:  verb(func([]string) error { return c.runClientList(asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// listed is a row of client list.
type listed struct {
	Name     string   `json:"name"`
	Account  string   `json:"account"`
	Region   string   `json:"region"`
	Workload string   `json:"workload"`
	Size     string   `json:"size"`
	CIDR     string   `json:"cidr"`
	Stacks   []string `json:"stacks"`
}

func (c *cli) runClientList(asJSON bool) error {
	clients, problems := plan.Load(c.clients)
	rows := []listed{}
	for _, p := range clients.Plans {
		row := listed{Name: p.Client, Account: p.Account, Region: p.Region, Workload: p.Workload, Size: p.Size.Name, CIDR: p.Network.CIDR}
		for _, s := range p.Stacks {
			row.Stacks = append(row.Stacks, s.ID)
		}
		rows = append(rows, row)
	}
	if err := c.printClients(rows, asJSON); err != nil {
		return err
	}
	if len(problems) > 0 { // the files that are not in the list
		return c.tell(problems)
	}
	return nil
}

func (c *cli) printClients(rows []listed, asJSON bool) error {
	if asJSON {
		return c.printJSON(rows)
	}
	t := newTable(c.out)
	t.row("name", "account", "region", "workload", "size", "network", "stacks")
	for _, r := range rows {
		t.row(r.Name, r.Account, r.Region, r.Workload, r.Size, r.CIDR, fmt.Sprint(len(r.Stacks)))
	}
	return t.flush()
}
