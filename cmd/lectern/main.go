// Command lectern is the tool of the people who run Lectern: it checks client
// files, shows what they mean, writes new ones, reads what a synth left and says what
// deploying it would do. It changes nothing in AWS; `cdk` does that. Only the verb holds
// asks AWS anything, with calls that read.
//
// Data goes to standard output, and as JSON with --json; everything said to the
// person goes to standard error. It exits with 0 when all is well, 1 when client
// files have problems, an account holds what it should not, or the command failed, and 2 when it was used wrongly.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/config"
)

const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	cli := &cli{out: stdout, talk: stderr}
	root := cli.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var f failure
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &f):
		if !errors.Is(err, errTold) {
			fmt.Fprintln(stderr, err)
		}
		return exitFailed
	default:
		fmt.Fprintf(stderr, "%s\nSee '%s --help'.\n", err, root.Name())
		return exitUsage
	}
}

// cli is what all verbs share.
type cli struct {
	out, talk io.Writer
	clients   string // directory of the client files
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "lectern",
		Short:         "Check, explain and start client files; read what a synth left",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          help,
	}
	root.PersistentFlags().StringVar(&c.clients, "clients", "config/clients", "directory of the client files")
	root.AddCommand(c.plan(), c.check(), c.client(), c.regions(), c.diff(), c.summary(), c.holds())
	return root
}

// help is what a noun without a verb does.
func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// failure is an error of the work; every other error is one of usage.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// errTold is a failure of which the person has been told all.
var errTold = errors.New("told")

// verb makes the work of a command fail as work, not as usage.
func verb(work func(args []string) error) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		if err := work(args); err != nil {
			return failure{err}
		}
		return nil
	}
}

// tell reports problems in client files.
func (c *cli) tell(problems config.Problems) error {
	fmt.Fprintln(c.talk, problems)
	return errTold
}
