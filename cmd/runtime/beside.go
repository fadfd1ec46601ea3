package main

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host"
)

// metricsInterval is how often embedded metrics are written: CloudWatch's standard resolution.
const metricsInterval = time.Minute

// beside is what goes on beside requests on every instance until its drain has ended: the log and where it is shipped,
// and metrics.
type beside struct {
	log      *slog.Logger
	instance string // its id

	ctx  context.Context // until end
	stop context.CancelFunc
	work sync.WaitGroup
	out  io.Writer
	who  map[string]string
}

// goBeside begins. Whoever calls it calls endBeside.
func goBeside(ctx context.Context, c contract.Config, cfg aws.Config, out io.Writer, level slog.Level) (*beside, error) {
	build, err := ownSHA256()
	if err != nil {
		return nil, err
	}
	b := &beside{out: out, instance: instanceName(ctx, cfg)}
	b.ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	if c.Logs.Group != "" {
		shipper := host.NewLogShipper(cloudwatchlogs.NewFromConfig(cfg), c.Logs.Group, string(c.Role)+"/"+b.instance, out)
		b.out = shipper
		b.work.Go(func() { shipper.Run(b.ctx) })
	}
	b.log = newLogger(b.out, level)
	b.who = map[string]string{"client": c.Client, "role": string(c.Role), "version": build[:12], "instance": b.instance}
	for _, name := range slices.Sorted(maps.Keys(b.who)) {
		b.log = b.log.With(name, b.who[name])
	}
	return b, nil
}

// writeMetrics writes them until end.
func (b *beside) writeMetrics(m *host.Metrics) {
	b.work.Go(func() { m.WriteEmbedded(b.ctx, b.out, metricsInterval, b.who, b.log) })
}

// end stops all and waits.
func (b *beside) end() {
	b.stop()
	b.work.Wait()
}

// endBeside logs why the program ends, if there is a reason, while the log is still shipped, and ends b. before is the
// log where b is nil, because goBeside was not reached or failed.
func endBeside(b *beside, before *slog.Logger, what string, reason error) {
	log := before
	if b != nil {
		defer b.end()
		log = b.log
	}
	if reason != nil {
		log.Error(what, "reason", reason)
	}
}

// lifecycle follows the instance's group.
func (b *beside) lifecycle(cfg aws.Config) *host.Lifecycle {
	return &host.Lifecycle{AWS: cfg, Hook: contract.TerminateHook, Log: b.log}
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
