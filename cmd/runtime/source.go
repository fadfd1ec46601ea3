package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/postgres"
)

// source is where the configuration comes from.
type source struct{ file, parameter, region, caBundle string }

func (s *source) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.file, "config", "", "configuration file, as boot writes it")
	f.StringVar(&s.parameter, contract.FlagConfigParameter, "", "or the SSM parameter that holds it")
	f.StringVar(&s.region, contract.FlagRegion, "", "AWS region of that parameter (default the environment's)")
	f.StringVar(&s.caBundle, "ca-bundle", contract.CABundlePath, "PEM file of roots to trust for the database besides the system's; ignored if it does not exist")
	c.MarkFlagsOneRequired("config", contract.FlagConfigParameter)
	c.MarkFlagsMutuallyExclusive("config", contract.FlagConfigParameter)
}

func (s *source) read(ctx context.Context) (contract.Config, error) {
	if s.file != "" {
		text, err := os.ReadFile(s.file)
		if err != nil {
			return contract.Config{}, fmt.Errorf("read the configuration: %w", err)
		}
		return contract.Parse(text)
	}
	cfg, err := loadAWS(ctx, s.region)
	if err != nil {
		return contract.Config{}, err
	}
	text, err := host.ReadParameter(ctx, ssm.NewFromConfig(cfg), s.parameter)
	if err != nil {
		return contract.Config{}, err
	}
	return contract.Parse([]byte(text))
}

// withDatabase lets an operator's command use the database, with its schema up to date.
func (s *source) withDatabase(ctx context.Context, use func(*postgres.DB) error) error {
	c, err := s.read(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return err
	}
	db, err := openDatabase(ctx, c, secretsmanager.NewFromConfig(cfg), s.caBundle)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	return use(db)
}

// loadAWS uses the instance's role, or whatever the environment offers; AWS_ENDPOINT_URL is honoured.
func loadAWS(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithRetryMaxAttempts(5))
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("no AWS region: give --region or set AWS_REGION")
	}
	return cfg, nil
}
