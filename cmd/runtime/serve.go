package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/edge"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/httpapi"
)

type serveOptions struct {
	source        source
	listen        string
	metricsListen string
	drain         host.Drain
	logLevel      slog.Level
}

func newServe(out io.Writer) *cobra.Command {
	var o serveOptions
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve until SIGTERM or SIGINT, then drain; a second signal stops at once",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), o, out) },
	}
	o.source.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.listen, "listen", "", "address to listen on (default the configured port on all addresses)")
	f.StringVar(&o.metricsListen, "metrics-listen", "127.0.0.1:9464", "address of /metrics for Prometheus; empty: none")
	f.DurationVar(&o.drain.Delay, "drain-delay", contract.DrainDelaySeconds*time.Second, "how long to serve on after the signal while the health path says 503")
	f.DurationVar(&o.drain.Limit, "shutdown-limit", contract.ShutdownLimitSeconds*time.Second, "how long requests in flight may take after that")
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error; debug logs health checks too")
	return c
}

func serve(ctx context.Context, o serveOptions, out io.Writer) (err error) {
	var b *beside
	defer func() { endBeside(b, newLogger(out, o.logLevel), "serve ends", err) }()
	c, err := o.source.read(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return err
	}
	if b, err = goBeside(ctx, c, cfg, out, o.logLevel); err != nil {
		return err
	}
	a, err := connect(ctx, c, cfg, o.source.caBundle)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Signing.SecretARN == "" {
		return errors.New("signing.secretArn: is missing; the engine signs launch links with it")
	}
	signing, err := edge.ReadSigningKeys(ctx, secretsmanager.NewFromConfig(cfg), c.Signing.SecretARN)
	if err != nil {
		return err
	}
	e := &engine{
		adapters: a, keys: signing.Keys(), metrics: host.NewMetrics(), log: b.log, publicURL: c.PublicURL, playerURL: c.PlayerURL,
		keeps: keeps(c), serves: c.Role == contract.RoleWeb, works: c.Role == contract.RoleWorker || !c.Queue.Dedicated,
	}
	if c.Edge.KeyValueStoreARN != "" {
		publisher := &edge.Publisher{Store: cloudfrontkeyvaluestore.NewFromConfig(cfg), ARN: c.Edge.KeyValueStoreARN, Keys: signing.Renew, Log: b.log}
		b.work.Go(func() { publisher.Run(b.ctx) })
	} else {
		b.work.Go(func() { signing.Run(b.ctx, b.log) })
	}
	b.writeMetrics(e.metrics)
	if o.listen == "" {
		o.listen = fmt.Sprintf(":%d", c.Port)
	}
	return b.lifecycle(cfg).Run(ctx, func(ctx context.Context) error { return e.serve(ctx, o.listen, o.metricsListen, o.drain) })
}

// serve answers requests and works until ctx is done, then drains. An instance is not ready before its schema is.
func (e *engine) serve(ctx context.Context, address, metricsAddress string, drain host.Drain) error {
	memory := host.LimitMemory(e.log)
	health := e.health()
	mux := http.NewServeMux()
	httpapi.AddHealth(mux, health)
	routes, err := e.handler(mux, memory)
	if err != nil {
		return err
	}
	e.gauges()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if metricsAddress != "" {
		stop, err := serveMetrics(metricsAddress, e.metrics)
		if err != nil {
			return err
		}
		defer stop()
	}
	work, stopWork := context.WithCancel(ctx) // stops with the first signal: what is not begun is left to others
	var working sync.WaitGroup
	defer working.Wait()
	defer stopWork()
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // until the end of the drain
	defer stop()
	go health.Watch(watching)
	working.Go(func() {
		if e.migrate(work) == nil {
			e.run(work)
		}
	})
	server := httpapi.NewServer(httpapi.WhenReady(e.migrated.Load, routes), e.log, e.observe)
	return host.Serve(ctx, httpapi.LimitConnections(listener, server, httpapi.Connections(memory)), server, health, drain, e.log)
}

func serveMetrics(address string, m *host.Metrics) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // until stop
	return func() { _ = server.Close() }, nil
}
