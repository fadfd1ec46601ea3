package host

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/facts"
	"github.com/lectern/lectern/runtime/host/provision"
	"github.com/lectern/lectern/runtime/secrets"
)

// follow are the steps of an instance with a recipe; see package provision.
func (b *Boot) follow() []step {
	of := func(do func(*provision.Machine, context.Context) error) func(context.Context, *booting) error {
		return func(ctx context.Context, s *booting) error { return do(s.machine, ctx) }
	}
	// started is of for steps after which there are units to stop when something fails.
	started := func(do func(*provision.Machine, context.Context) error) func(context.Context, *booting) error {
		return func(ctx context.Context, s *booting) error {
			s.unready = true
			return do(s.machine, ctx)
		}
	}
	return []step{
		{"fetch the recipe", b.fetchRecipe},
		{"create the user", of((*provision.Machine).Users)},
		{"write the configuration", b.writeHostConfig},
		{"download the database's certificate authorities", b.downloadCABundle},
		{"install packages", of((*provision.Machine).InstallPackages)},
		{"mount the shared file system", of((*provision.Machine).MountFiles)},
		{"make directories", of((*provision.Machine).MakeDirectories)},
		{"run installers", of((*provision.Machine).RunInstallers)},
		{"start the environment", started((*provision.Machine).StartEnvironment)},
		{"fetch the code", of((*provision.Machine).FetchCode)},
		{"write files", of((*provision.Machine).WriteFiles)},
		{"build", of((*provision.Machine).Build)},
		{"run what is run once", b.runOnce},
		{"start the services", of((*provision.Machine).StartServices)},
		{"start the host", of((*provision.Machine).StartHost)},
	}
}

// fetchRecipe also finds out what the machine is: a recipe that is for another operating system goes no further.
func (b *Boot) fetchRecipe(ctx context.Context, s *booting) error {
	var recipe contract.Recipe
	err := b.patiently(ctx, func(ctx context.Context) (useless bool, err error) {
		recipe, s.recipe, useless, err = provision.FetchRecipe(ctx, b.AWS, s.config.Recipe)
		return useless, err
	})
	if err != nil {
		return err
	}
	system, distribution, err := facts.Distribution(recipe, b.Root)
	if err != nil {
		return err
	}
	known, err := facts.Gather(s.config, recipe, s.instanceID, b.Root)
	if err != nil {
		return err
	}
	manager := secretsmanager.NewFromConfig(b.AWS)
	s.machine = &provision.Machine{
		Root: b.Root, Facts: known, System: system, Recipe: recipe, Packages: distribution.Packages,
		Commands: b.Commands, Log: b.Log, Patience: b.Patience, MountInfo: b.MountInfo, Chown: b.Chown,
		Secret: func(ctx context.Context, arn string) (string, error) { return secrets.FromManager(manager, arn)(ctx) },
	}
	return s.machine.WriteRecipe(s.recipe)
}

// writeHostConfig is writeConfig for a host, whose user is the workload's: that may read the configuration and not
// change it, since the environment's unit, which is root, goes by it.
func (b *Boot) writeHostConfig(ctx context.Context, s *booting) error {
	return s.machine.WriteConfig(append(s.document, '\n'))
}

// runOnce opens the fleet's locks only when something is to be done under one.
func (b *Boot) runOnce(ctx context.Context, s *booting) error {
	store := s.config.LockStore()
	switch {
	case len(s.machine.Recipe.Once) == 0:
		return nil
	case b.Locks != nil:
		s.machine.Locks = b.Locks
	case store.Engine != "":
		var token *secrets.Secret[secrets.Login]
		if store.SecretARN != "" {
			token = secrets.New(secrets.FromManager(secretsmanager.NewFromConfig(b.AWS), store.SecretARN), secrets.DecodeToken, secrets.DefaultMinAge)
		}
		locks := cache.OpenValkey(cache.ValkeyOptions{Host: store.Host, Port: store.Port, TLS: store.TLS, Token: token})
		defer func() { _ = locks.Close() }()
		s.machine.Locks = locks
	}
	return s.machine.RunOnce(ctx)
}
