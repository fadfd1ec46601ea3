// Command app is the CDK app that cdk.json runs: load the client files, resolve the
// plan, build the stacks, synthesize.
//
// Context: client=NAME (or NAME,NAME or all) says what is built; clients=DIR where the
// client files are (default config/clients); runtimes=DIR where the built runtime
// binaries are (default build/runtime).
package main

import (
	"fmt"
	"os"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/stacks"
)

func main() {
	stderr := os.Stderr
	if err := run(); err != nil {
		fmt.Fprintln(stderr, err)
		os.Exit(1)
	}
}

func run() error {
	context, err := readContext()
	if err != nil {
		return err
	}
	clients, problems := plan.Load(context.clients)
	if len(problems) > 0 {
		return problems
	}
	chosen, err := choose(clients, context.client)
	if err != nil {
		return err
	}
	runtimes, err := stacks.LoadRuntimes(context.runtimes, chosen...)
	if err != nil {
		return err
	}

	defer closeKernel()
	app := cdk.NewApp(nil)
	var environments []stacks.Environment
	for _, p := range chosen {
		environments = append(environments, stacks.Build(app, p, runtimes))
	}
	_, err = stacks.Synth(app, environments)
	return err
}
