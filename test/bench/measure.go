package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// Run is what one run of a program took.
type Run struct {
	Seconds float64 `json:"seconds"`
	// Peak resident set of the program itself and the sum of its descendants', in MB
	// of 10^6 bytes.
	OwnMB      float64 `json:"ownMB"`
	ChildrenMB float64 `json:"childrenMB"`
}

func (r Run) sumMB() float64 { return r.OwnMB + r.ChildrenMB }

// timed runs a command to its end and measures it.
func timed(cmd *exec.Cmd) (Run, error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Run{}, err
	}
	stop := make(chan struct{})
	peaks := make(chan [2]float64)
	go func() {
		own, children := watch(cmd.Process.Pid, stop)
		peaks <- [2]float64{own, children}
	}()
	err := cmd.Wait()
	took := time.Since(start)
	close(stop)
	peak := <-peaks
	run := Run{Seconds: took.Seconds(), OwnMB: max(peak[0], largestMB(cmd.ProcessState)), ChildrenMB: peak[1]}
	if err != nil {
		return run, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, tail(&said))
	}
	return run, nil
}

// Row is the app beside its floor.
type Row struct {
	Clients    int  `json:"clients"`
	Validation bool `json:"validation"`
	Runs       int  `json:"runs"`
	App        Run  `json:"app"`
	Floor      Run  `json:"floor"`
	// Ratio of the wall times, app to floor.
	Ratio float64 `json:"ratio"`
	// Seconds for each client after the first, nil for one client.
	PerFurther      *float64 `json:"perFurtherSeconds,omitempty"`
	FloorPerFurther *float64 `json:"floorPerFurtherSeconds,omitempty"`
}

// measure runs the app and the floor by turns, so that whatever else the machine
// does hits both, and takes the medians. A warm-up fills the caches of the disk and
// of jsii.
func (s session) measure(validation bool, runs int) (Row, error) {
	progress("%d clients, validation %s: %d runs each", s.clients, onOff(validation), runs)
	var apps, floors []Run
	warm := 0
	if runs > 2 {
		warm = 1
	}
	for i := range warm + runs {
		app, err := s.runApp(validation)
		if err != nil {
			return Row{}, err
		}
		floor, err := s.runFloor(validation)
		if err != nil {
			return Row{}, err
		}
		if i >= warm {
			apps, floors = append(apps, app), append(floors, floor)
		}
	}
	row := Row{Clients: s.clients, Validation: validation, Runs: runs, App: median(apps), Floor: median(floors)}
	row.Ratio = row.App.Seconds / row.Floor.Seconds
	return row, nil
}

func (s session) runApp(validation bool) (Run, error) {
	cmd, err := s.command(filepath.Join(s.dir, "app.out"), s.files, validation, s.app)
	if err != nil {
		return Run{}, err
	}
	return timed(cmd)
}

func (s session) runFloor(validation bool) (Run, error) {
	cmd, err := s.command(filepath.Join(s.dir, "floor.out"), s.files, validation, s.node(), s.floor)
	if err != nil {
		return Run{}, err
	}
	return timed(cmd)
}

// median is the run of median wall time (of two, the mean wall time) with the
// highest memory of all.
func median(runs []Run) Run {
	sorted := slices.SortedFunc(slices.Values(runs), func(a, b Run) int {
		if a.Seconds < b.Seconds {
			return -1
		}
		return 1
	})
	middle := Run{Seconds: (sorted[(len(sorted)-1)/2].Seconds + sorted[len(sorted)/2].Seconds) / 2}
	for _, r := range runs {
		middle.OwnMB = max(middle.OwnMB, r.OwnMB)
		middle.ChildrenMB = max(middle.ChildrenMB, r.ChildrenMB)
	}
	return middle
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
