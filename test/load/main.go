// Command load measures the engine against limits found in the same run on the same machine: durable commits against pgbench
// doing the equivalent single-row upsert on the same server (through HTTP, and the store alone), package import against unzip, and memory while a large
// package is imported. Run it by `make bench-runtime`.
//
// It needs pgbench and unzip on the PATH (or below /usr/lib/postgresql) and PostgreSQL's binaries from npm.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

type options struct {
	connections []int
	duration    time.Duration
	repeat      int
	payload     int // bytes of suspend_data
	importMB    int
	memoryMB    int
}

func main() {
	o := options{connections: []int{1, 8, 32, 128}}
	flag.Func("connections", "numbers of connections, by comma (default 1,8,32,128)", func(s string) error {
		o.connections = nil
		for part := range strings.SplitSeq(s, ",") {
			n, err := strconv.Atoi(part)
			if err != nil || n < 1 {
				return fmt.Errorf("%q is not a number of connections", part)
			}
			o.connections = append(o.connections, n)
		}
		return nil
	})
	flag.DurationVar(&o.duration, "duration", 10*time.Second, "of one measurement")
	flag.IntVar(&o.repeat, "repeat", 3, "times each is measured, in turns with its limit; the median counts")
	flag.IntVar(&o.payload, "payload", 2000, "bytes of suspend_data in a commit")
	flag.IntVar(&o.importMB, "import-mb", 200, "size of the package whose import is timed; 0: none")
	flag.IntVar(&o.memoryMB, "memory-mb", 500, "size of the package whose import's memory is measured; 0: none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	s, err := startServers(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := measureCommits(ctx, s, o); err != nil {
		return err
	}
	if err := measureStore(ctx, s, o); err != nil {
		return err
	}
	if o.importMB > 0 {
		if err := measureImport(ctx, s, o); err != nil {
			return err
		}
	}
	if o.memoryMB > 0 {
		return measureMemory(ctx, s, o)
	}
	return nil
}
