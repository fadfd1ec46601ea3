package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/stacks/change"
)

const diffHelp = `What deploying AFTER over BEFORE would do, resource by resource, and the commands
that deploy it. It asks AWS nothing and needs no credentials.

BEFORE and AFTER are each a folder that cdk synth wrote, the name of a client, or a
client file, which is synthesized. Without BEFORE it is the last synth, cdk.out.

--json prints "stacks", each with its "changes" and what these mean ("findings"), and
"deploy", the commands. An effect is, from the least to the gravest: none, rolling,
interruption, restart, failover, downtime, replacement, left-behind, deleted,
overwritten, unknown, refused.

It exits with 1 when AWS would refuse the deployment, when something that holds data
would be replaced, removed or written over, or when nobody knows what a change means;
with 0 otherwise.`

func (c *cli) diff() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff [BEFORE] AFTER",
		Short: "Show what deploying a changed client file would do to what is deployed",
		Long:  diffHelp,
		Example: `  lectern diff demo                       # the last synth against config/clients/demo.yaml
  lectern diff before cdk.out             # two folders
  lectern diff /tmp/old/demo.yaml demo    # two files; git show HEAD:config/clients/demo.yaml gives an old one
  lectern diff --json demo`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: c.completeClients,
		RunE: verb(func(args []string) error {
			before := "cdk.out"
			if len(args) == 2 {
				before = args[0]
			}
			return c.runDiff(before, args[len(args)-1], asJSON)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (c *cli) runDiff(before, after string, asJSON bool) error {
	was, err := c.assembly(before)
	if err != nil {
		return err
	}
	is, err := c.assembly(after)
	if err != nil {
		return err
	}
	was, is, err = sameClients(before, after, was, is)
	if err != nil {
		return err
	}
	report := change.Compare(was, is)
	if asJSON {
		err = c.printJSON(report)
	} else {
		err = printDiff(c.out, report)
	}
	if err == nil && len(report.Grave()) > 0 {
		return errTold
	}
	return err
}

// assembly is the assembly that an argument means: a folder, or what a client file gives.
func (c *cli) assembly(argument string) (*change.Assembly, error) {
	info, err := os.Stat(argument)
	switch {
	case err == nil && info.IsDir():
		return change.Read(argument)
	case err == nil:
		return c.synthesizeFile(argument)
	case filepath.Ext(argument) == ".yaml" || strings.ContainsRune(argument, filepath.Separator) || argument == "cdk.out":
		return nil, fmt.Errorf("%s: there is no such file or folder; give a folder that cdk synth wrote, a client's name or a client file", argument)
	}
	return c.synthesize(c.clients, argument)
}

// synthesizeFile synthesizes one client file alone, wherever it is.
func (c *cli) synthesizeFile(path string) (*change.Assembly, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the client file: %w", err)
	}
	dir, remove, err := temporary()
	if err != nil {
		return nil, err
	}
	defer remove()
	name := filepath.Base(path)
	if err := writeAlone(dir, name, content); err != nil {
		return nil, fmt.Errorf("copying the client file: %w", err)
	}
	return c.synthesize(dir, strings.TrimSuffix(name, filepath.Ext(name)))
}

// writeAlone writes a file into a folder, and never beside it.
func writeAlone(dir, name string, content []byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.WriteFile(name, content, 0o600)
}

// sameClients keeps, of a synth of several clients, those that the other has. Two
// assemblies without a client in common are a mistake.
func sameClients(before, after string, was, is *change.Assembly) (*change.Assembly, *change.Assembly, error) {
	old, fresh := clientsOf(was), clientsOf(is)
	both := slices.DeleteFunc(slices.Clone(old), func(name string) bool { return !slices.Contains(fresh, name) })
	if len(both) == 0 {
		return nil, nil, fmt.Errorf("%s has the clients %s, and %s has %s: they have none in common", before, strings.Join(old, ", "), after, strings.Join(fresh, ", "))
	}
	keep := func(name string) bool { return slices.Contains(both, clientOf(name)) }
	return was.Only(keep), is.Only(keep), nil
}

func clientsOf(a *change.Assembly) []string {
	var names []string
	for _, s := range a.Stacks {
		if name := clientOf(s.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
