package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/httpapi"
)

type serveOptions struct {
	configFile, configParameter, region string
	listen                              string
	caBundle                            string
	drain                               host.Drain
	logLevel                            slog.Level
}

func newServe(out io.Writer) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve until SIGTERM or SIGINT, then drain; a second signal stops at once",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), o, out) },
	}
	f := c.Flags()
	f.StringVar(&o.configFile, "config", "", "configuration file, as boot writes it")
	f.StringVar(&o.configParameter, contract.FlagConfigParameter, "", "or the SSM parameter that holds it")
	f.StringVar(&o.region, contract.FlagRegion, "", "AWS region of that parameter (default the environment's)")
	f.StringVar(&o.listen, "listen", "", "address to listen on (default the configured port on all addresses)")
	f.StringVar(&o.caBundle, "ca-bundle", contract.CABundlePath, "PEM file of roots to trust for the database besides the system's; ignored if it does not exist")
	f.DurationVar(&o.drain.Delay, "drain-delay", contract.DrainDelaySeconds*time.Second, "how long to serve on after the signal while the health path says 503")
	f.DurationVar(&o.drain.Limit, "shutdown-limit", contract.ShutdownLimitSeconds*time.Second, "how long requests in flight may take after that")
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error; debug logs health checks too")
	c.MarkFlagsOneRequired("config", contract.FlagConfigParameter)
	c.MarkFlagsMutuallyExclusive("config", contract.FlagConfigParameter)
	return c
}

func serve(ctx context.Context, o serveOptions, out io.Writer) (err error) {
	log := newLogger(out, o.logLevel)
	defer func() {
		if err != nil {
			log.Error("serve ends", "reason", err)
		}
	}()
	c, err := readConfig(ctx, o)
	if err != nil {
		return err
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return err
	}
	build, err := ownSHA256()
	if err != nil {
		return err
	}
	log = log.With("client", c.Client, "role", c.Role, "version", build[:12], "instance", instanceName(ctx, cfg))
	d, err := connect(ctx, c, cfg, o.caBundle)
	if err != nil {
		return err
	}
	defer d.close()

	health := host.NewHealth(log, host.HealthOptions{}, d.parts...)
	mux := http.NewServeMux()
	httpapi.AddHealth(mux, health)
	if o.listen == "" {
		o.listen = fmt.Sprintf(":%d", c.Port)
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // until the end of the drain
	defer stop()
	go health.Watch(watching)
	return host.Serve(ctx, listener, httpapi.NewServer(mux, log), health, o.drain, log)
}

func readConfig(ctx context.Context, o serveOptions) (contract.Config, error) {
	if o.configFile != "" {
		text, err := os.ReadFile(o.configFile)
		if err != nil {
			return contract.Config{}, fmt.Errorf("read the configuration: %w", err)
		}
		return contract.Parse(text)
	}
	cfg, err := loadAWS(ctx, o.region)
	if err != nil {
		return contract.Config{}, err
	}
	text, err := host.ReadParameter(ctx, ssm.NewFromConfig(cfg), o.configParameter)
	if err != nil {
		return contract.Config{}, err
	}
	return contract.Parse([]byte(text))
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

// instanceName is the instance's id, or the host's name where there is no metadata service.
func instanceName(ctx context.Context, cfg aws.Config) string {
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if id, err := host.InstanceID(limited, imds.NewFromConfig(cfg)); err == nil {
		return id
	}
	name, _ := os.Hostname() // only for the log
	return name
}
