package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/host/proxy"
	"github.com/lectern/lectern/runtime/httpapi"
)

type hostOptions struct {
	source         source
	recipe         string
	listen         string
	upstream       string
	metricsListen  string
	environmentDir string
	codeDir        string
	drain          host.Drain
	logLevel       slog.Level
}

func newHost(out io.Writer) *cobra.Command {
	var o hostOptions
	c := &cobra.Command{
		Use:   "host",
		Short: "Serve in front of a workload that is not ours, and run its jobs, until SIGTERM or the group says so; then drain",
		Long: `Passes requests to the workload on this machine, answers on the health paths with the workload's own check folded in,
counts, runs the jobs of the recipe, and leaves gracefully. A second signal stops at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runHost(cmd.Context(), o, out) },
	}
	o.source.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.recipe, "recipe", contract.RecipePath, "recipe, as boot writes it")
	f.StringVar(&o.listen, "listen", "", "address to listen on (default the configured port on all addresses)")
	f.StringVar(&o.upstream, "upstream", fmt.Sprintf("127.0.0.1:%d", contract.UpstreamPort), "address of the workload")
	f.StringVar(&o.metricsListen, "metrics-listen", "127.0.0.1:9464", "address of /metrics for Prometheus; empty: none")
	f.StringVar(&o.environmentDir, "environment-dir", contract.EnvironmentDir, "directory of the workload's environment")
	f.StringVar(&o.codeDir, "code-dir", contract.CodeDir, "directory that jobs run in")
	f.DurationVar(&o.drain.Delay, "drain-delay", contract.DrainDelaySeconds*time.Second, "how long to serve on after the signal while the health path says 503")
	f.DurationVar(&o.drain.Limit, "shutdown-limit", 0, "how long requests and jobs in flight may take after that (default what the recipe says)")
	f.TextVar(&o.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error; debug logs health checks too")
	return c
}

func runHost(ctx context.Context, o hostOptions, out io.Writer) (err error) {
	var b *beside
	defer func() { endBeside(b, newLogger(out, o.logLevel), "host ends", err) }()
	c, err := o.source.read(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(o.recipe)
	if err != nil {
		return fmt.Errorf("read the recipe: %w", err)
	}
	recipe, err := contract.ParseRecipe(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.recipe, err)
	}
	cfg, err := loadAWS(ctx, c.Region)
	if err != nil {
		return err
	}
	if b, err = goBeside(ctx, c, cfg, out, o.logLevel); err != nil {
		return err
	}
	if o.listen == "" {
		o.listen = fmt.Sprintf(":%d", c.Port)
	}
	if o.drain.Limit == 0 {
		o.drain.Limit = time.Duration(recipe.DrainSeconds) * time.Second
	}
	w, err := newHosted(c, recipe, cfg, o, b)
	if err != nil {
		return err
	}
	defer w.close()
	b.writeMetrics(w.metrics)
	return b.lifecycle(cfg).Run(ctx, w.serve)
}

// hosted is a workload that is not ours, with what the host does for it.
type hosted struct {
	config  contract.Config
	recipe  contract.Recipe
	options hostOptions
	log     *slog.Logger
	metrics *host.Metrics
	parts   []host.Part
	// jobs runs them until its context ends, then lets those that have begun finish within the limit of the drain.
	jobs   func(context.Context)
	closes []func()
}

func (w *hosted) close() {
	for _, f := range w.closes {
		f()
	}
}

// idleLongest is more than an application load balancer may be told to keep an idle connection (4000 s): a target that
// closes first makes requests fail. Without one in between, clients are not trusted with that.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
const idleLongest = 4100 * time.Second

// serve passes requests on and runs jobs until ctx is done, then drains both.
func (w *hosted) serve(ctx context.Context) error {
	handler, err := w.handler()
	if err != nil {
		return err
	}
	health := host.NewHealth(w.log, host.HealthOptions{}, w.parts...)
	listener, err := net.Listen("tcp", w.options.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if w.options.metricsListen != "" {
		stop, err := serveMetrics(w.options.metricsListen, w.metrics)
		if err != nil {
			return err
		}
		defer stop()
	}
	var working sync.WaitGroup
	defer working.Wait()
	taking, stopTaking := context.WithCancel(ctx)
	defer stopTaking()
	watching, stop := context.WithCancel(context.WithoutCancel(ctx)) // until its end
	defer stop()
	go health.Watch(watching)
	working.Go(func() { w.jobs(taking) })
	server := httpapi.NewServer(withHealth(handler, health), w.log)
	if w.config.Proxies > 0 {
		server.IdleTimeout = idleLongest
	}
	return host.Serve(ctx, listener, server, health, w.options.drain, w.log)
}

// handler passes requests to the workload.
func (w *hosted) handler() (http.Handler, error) {
	upstream, err := url.Parse("http://" + w.options.upstream)
	if err != nil || upstream.Path != "" {
		return nil, fmt.Errorf("--upstream %q is no address; use HOST:PORT", w.options.upstream)
	}
	public, err := publicURL(w.config)
	if err != nil {
		return nil, err
	}
	return proxy.New(proxy.Options{
		Upstream: upstream, Public: public, Proxies: w.config.Proxies, RequestID: httpapi.RequestID, Log: w.log,
		Observe: func(method string, status int, seconds float64) {
			w.metrics.ObserveRequest(proxy.Route, method, status, seconds)
		},
	}), nil
}

// publicURL is nil when nobody has said it.
func publicURL(c contract.Config) (*url.URL, error) {
	if c.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("publicUrl: %w", err)
	}
	return u, nil
}

// withHealth answers on the health paths and leaves the rest to next. It is no http.ServeMux, which would redirect paths
// that it finds untidy: those are the workload's business.
func withHealth(next http.Handler, h *host.Health) http.Handler {
	health := http.NewServeMux()
	httpapi.AddHealth(health, h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case contract.LivePath, contract.ReadyPath, contract.HealthPath:
			health.ServeHTTP(w, r)
		default:
			r.Pattern = proxy.Route // for the log
			next.ServeHTTP(w, r)
		}
	})
}
