package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/environ"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/secrets"
)

func newEnvironment(out io.Writer) *cobra.Command {
	var configPath, recipePath, root string
	var once bool
	k := &environ.Keeper{Runner: command.System{}, Ready: environ.NotifyReady}
	c := &cobra.Command{
		Use:   "environment",
		Short: "Write the environment of the workload and keep it up to date as secrets change",
		Long: `Fills in the variables of the recipe, with secrets from Secrets Manager, and writes ` + contract.EnvironmentFile + `
and ` + contract.EnvironmentJSON + `, which only the user ` + contract.AppUser + ` can read. Then tells systemd that it is ready, reads the
secrets again every 30 s and soon after ` + contract.RefreshFile + ` was touched, and when something
has changed restarts or reloads the services that the recipe names for that.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			k.Log = newLogger(out, slog.LevelInfo).With("command", "environment")
			k.Root, k.UID, k.GID = root, -1, -1
			if os.Geteuid() == 0 {
				k.UID, k.GID = contract.AppUID, contract.AppUID
			}
			if err := readWorkload(cmd.Context(), k, configPath, recipePath); err != nil {
				return err
			}
			if once {
				return k.Once(cmd.Context())
			}
			return k.Run(cmd.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&configPath, "config", contract.ConfigPath, "configuration file, as boot writes it")
	f.StringVar(&recipePath, "recipe", contract.RecipePath, "recipe, as boot writes it")
	f.StringVar(&root, "root", "/", "directory to write below, and whose operating system counts")
	f.BoolVar(&once, "once", false, "write and end")
	f.DurationVar(&k.Patience, "patience", time.Minute, "how long secrets that cannot be read are asked for again at first")
	f.DurationVar(&k.Interval, "interval", 30*time.Second, "time between two readings of the secrets")
	return c
}

// readWorkload fills in what the keeper needs to know of this instance.
func readWorkload(ctx context.Context, k *environ.Keeper, configPath, recipePath string) error {
	s := source{file: configPath}
	c, err := s.read(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(recipePath)
	if err != nil {
		return fmt.Errorf("read the recipe: %w", err)
	}
	if k.Recipe, err = contract.ParseRecipe(text); err != nil {
		return fmt.Errorf("recipe %s: %w", recipePath, err)
	}
	if k.Facts, err = facts.Gather(c, k.Recipe, "", k.Root); err != nil {
		return err
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return err
	}
	manager := secretsmanager.NewFromConfig(cfg)
	k.Read = func(ctx context.Context, arn string) (string, error) { return secrets.FromManager(manager, arn)(ctx) }
	return nil
}
