package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (c *cli) summary() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "summary [DIR]",
		Short: "Summarize what a synth left in its output directory (default cdk.out)",
		Args:  cobra.MaximumNArgs(1),
		RunE: verb(func(args []string) error {
			dir := "cdk.out"
			if len(args) > 0 {
				dir = args[0]
			}
			return c.runSummary(dir, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (c *cli) runSummary(dir string, asJSON bool) error {
	stacks, err := readAssembly(dir)
	if err != nil {
		return err
	}
	if asJSON {
		return c.printJSON(stacks)
	}
	t := newTable(c.out)
	t.row("stack", "region", "resources", "kept", "protected", "assets", "size", "template")
	resources := 0
	for _, s := range stacks {
		resources += s.Resources
		t.row(s.Name, s.Region, fmt.Sprint(s.Resources), fmt.Sprint(s.Kept), pick(s.TerminationProtection, "yes", "no"),
			fmt.Sprint(s.Assets), fmt.Sprintf("%.0f KiB", float64(s.TemplateBytes)/1024), s.Template)
	}
	if err := t.flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.talk, "\n%s, %s. \"kept\" are resources that stay when their stack is deleted; \"protected\" stacks cannot be deleted by accident.\n",
		count(len(stacks), "stack"), count(resources, "resource"))
	c.afterSynth(stacks)
	return nil
}

// afterSynth says what to run next for the clients that were synthesized.
func (c *cli) afterSynth(stacks []stack) {
	var clients []string
	for _, s := range stacks {
		if s.Client != "" && !slices.Contains(clients, s.Client) {
			clients = append(clients, s.Client)
		}
	}
	if len(clients) == 0 {
		return
	}
	chosen := strings.Join(clients, ",")
	fmt.Fprintf(c.talk, "\nNext:\n  npx cdk diff -c client=%s --all\n  npx cdk deploy -c client=%s --all\n", chosen, chosen)
	policies := slices.DeleteFunc(slices.Clone(stacks), func(s stack) bool { return s.Policy == "" })
	if len(policies) > 0 {
		fmt.Fprintln(c.talk, "and after the first deployment, so that no update replaces what holds data:")
	}
	for _, s := range policies {
		fmt.Fprintf(c.talk, "  aws cloudformation set-stack-policy --region %s --stack-name %s --stack-policy-body file://%s\n", s.Region, s.Name, s.Policy)
	}
}
