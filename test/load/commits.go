package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lectern/lectern/test/load/learner"
)

// measured is one measurement.
type measured struct {
	perSecond float64
	latencies []time.Duration // sorted
}

func (m measured) percentile(p float64) time.Duration {
	if len(m.latencies) == 0 {
		return 0
	}
	return m.latencies[min(len(m.latencies)-1, int(p*float64(len(m.latencies))))]
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// measureCommits takes turns between the engine and pgbench, so that a noisy machine hurts both, then measures latency at half of
// the engine's maximum.
func measureCommits(ctx context.Context, s *servers, o options) error {
	wires, err := openLearners(ctx, s, o)
	if err != nil {
		return err
	}
	fmt.Printf("\nDurable commits a second (%d bytes of suspend_data; fsync on; median of %d × %s), against pgbench's single-row upsert of the same state:\n\n", o.payload, o.repeat, o.duration)
	fmt.Println("| connections | engine/s | p50 ms | p99 ms | pgbench/s | p50 ms | p99 ms | ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	if err := warmUp(ctx, s, wires); err != nil {
		return err
	}
	best := 0.0
	for _, n := range o.connections {
		var ours, limits []measured
		for range o.repeat {
			m, err := closedLoop(wires[:n], o.duration)
			if err != nil {
				return err
			}
			limit, err := pgbench(ctx, s, n, o)
			if err != nil {
				return err
			}
			ours, limits = append(ours, m), append(limits, limit)
		}
		us, limit := median(ours), median(limits)
		best = max(best, us.perSecond)
		fmt.Printf("| %d | %.0f | %s | %s | %.0f | %s | %s | %.2f |\n", n, us.perSecond, milliseconds(us.percentile(.5)), milliseconds(us.percentile(.99)),
			limit.perSecond, milliseconds(limit.percentile(.5)), milliseconds(limit.percentile(.99)), us.perSecond/limit.perSecond)
	}
	if err := s.exec(ctx, "CHECKPOINT"); err != nil { // what the runs before have left to write is not this one's
		return err
	}
	m, err := openLoop(wires, best/2, o.duration)
	if err != nil {
		return err
	}
	fmt.Printf("\nAt half of the maximum (%.0f commits/s arriving evenly over %d connections): %.0f/s, p50 %s ms, p99 %s ms\n",
		best/2, len(wires), m.perSecond, milliseconds(m.percentile(.5)), milliseconds(m.percentile(.99)))
	return nil
}

// warmUp makes the server one that has been running: its log segments exist and are recycled. A new server makes and fills each as it
// goes, and stops for tens of milliseconds every time.
func warmUp(ctx context.Context, s *servers, wires []*wire) error {
	if _, err := closedLoop(wires, warmUpTime); err != nil {
		return err
	}
	return s.exec(ctx, "CHECKPOINT")
}

const warmUpTime = 8 * time.Second

// openLearners gives each connection a learner of its own.
func openLearners(ctx context.Context, s *servers, o options) ([]*wire, error) {
	zip, err := learner.Package()
	if err != nil {
		return nil, err
	}
	course, err := s.api.Import(ctx, "load.zip", int64(len(zip)), bytes.NewReader(zip))
	if err != nil {
		return nil, err
	}
	var wires []*wire
	for i := range slices.Max(o.connections) {
		registration, err := s.api.Register(ctx, course, fmt.Sprintf("load-%d", i))
		if err != nil {
			return nil, err
		}
		link, err := s.api.Link(ctx, registration)
		if err != nil {
			return nil, err
		}
		player, err := learner.Open(ctx, http.DefaultClient, s.api.Base, link)
		if err != nil {
			return nil, err
		}
		wires = append(wires, newWire(strings.TrimPrefix(s.api.Base, "http://"), player.Session(), player, o.payload))
	}
	return wires, nil
}

// closedLoop: each connection sends its next commit when the last one is acknowledged.
func closedLoop(wires []*wire, d time.Duration) (measured, error) {
	if err := connect(wires); err != nil {
		return measured{}, err
	}
	return play(len(wires), d, func(w, _ int, _ time.Time) (time.Duration, error) {
		start := time.Now()
		err := wires[w].commit()
		return time.Since(start), err
	})
}

// openLoop: commits are due at a steady rate whether or not earlier ones are acknowledged; latency counts from when one was
// due, so a stall is not hidden by the connections that wait for it.
func openLoop(wires []*wire, perSecond float64, d time.Duration) (measured, error) {
	if err := connect(wires); err != nil {
		return measured{}, err
	}
	interval := time.Duration(float64(len(wires)) / perSecond * float64(time.Second))
	return play(len(wires), d, func(w, i int, begin time.Time) (time.Duration, error) {
		due := begin.Add(interval*time.Duration(w)/time.Duration(len(wires)) + interval*time.Duration(i))
		time.Sleep(time.Until(due))
		err := wires[w].commit()
		return time.Since(due), err
	})
}

func connect(wires []*wire) error {
	for _, w := range wires {
		if err := w.connect(); err != nil {
			return err
		}
	}
	return nil
}

// play lets n workers do one thing after the other until d is over, and gathers how long each took. one is told the worker, how
// many it has done before, and when all began.
func play(n int, d time.Duration, one func(worker, i int, begin time.Time) (time.Duration, error)) (measured, error) {
	var mu sync.Mutex
	var all measured
	var failure error
	var group sync.WaitGroup
	begin := time.Now()
	for worker := range n {
		group.Go(func() {
			var own []time.Duration
			var err error
			for i := 0; time.Since(begin) < d && err == nil; i++ {
				var took time.Duration
				if took, err = one(worker, i, begin); err == nil {
					own = append(own, took)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			all.latencies = append(all.latencies, own...)
			if err != nil {
				failure = err
			}
		})
	}
	group.Wait()
	all.perSecond = float64(len(all.latencies)) / time.Since(begin).Seconds()
	slices.Sort(all.latencies)
	return all, failure
}

func median(list []measured) measured {
	slices.SortFunc(list, func(a, b measured) int { return int(a.perSecond - b.perSecond) })
	return list[len(list)/2]
}
