package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
)

func newBoot(out io.Writer) *cobra.Command {
	var b host.Boot
	c := &cobra.Command{
		Use:   "boot",
		Short: "Turn a fresh machine into a working instance, then tell Auto Scaling and CloudFormation",
		Long: `Reads the configuration, writes it, the database's certificate authorities and the systemd unit, starts the unit,
waits until it is ready, completes the launch hook and signals CloudFormation. Where the configuration names a
recipe, that is fetched and followed first: packages, the shared file system, directories, installers, the
environment, code, files, build commands, what one instance of the fleet does for all, and services.
Safe to run again. On failure the reason is logged, CloudFormation gets FAILURE, the launch hook ABANDON,
and what was started is stopped.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadAWS(cmd.Context(), b.Args.Region)
			if err != nil {
				return err
			}
			b.AWS = cfg
			b.Log = newLogger(out, slog.LevelInfo).With("command", "boot")
			return b.Run(cmd.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&b.Args.ConfigParameter, contract.FlagConfigParameter, "", "name of the SSM parameter with the configuration (required)")
	f.StringVar(&b.Args.Region, contract.FlagRegion, "", "AWS region (required)")
	f.StringVar(&b.Args.StackName, contract.FlagStack, "", "CloudFormation stack to signal; none if empty")
	f.StringVar(&b.Args.LogicalID, contract.FlagResource, "", "logical ID of the Auto Scaling group in that stack")
	f.StringVar(&b.Args.LaunchHook, contract.FlagLaunchHook, "", "name of the launching lifecycle hook; none if empty")
	f.StringVar(&b.Args.Revision, contract.FlagRevision, "", "hash of the configuration, for the log")
	f.StringVar(&b.Root, "root", "/", "directory to write below")
	f.StringVar(&b.ReadyURL, "ready-url", "", "address to wait for (default the configured port on this machine)")
	f.StringVar(&b.CABundleURL, "ca-bundle-url", host.DefaultCABundleURL, "where the certificate authorities of Amazon RDS are; GovCloud and China have their own")
	f.DurationVar(&b.ReadyDeadline, "ready-deadline", contract.ReadyDeadlineSeconds*time.Second, "how long the instance may take to get ready")
	f.DurationVar(&b.Patience, "patience", time.Minute, "how long a call to AWS, and whatever else the network is asked for, is repeated before it counts as failed")
	for _, name := range []string{contract.FlagConfigParameter, contract.FlagRegion} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that is not defined above
		}
	}
	c.MarkFlagsRequiredTogether(contract.FlagStack, contract.FlagResource)
	return c
}
