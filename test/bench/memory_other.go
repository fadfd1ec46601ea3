//go:build !linux

package main

import (
	"os"
	"runtime"
	"syscall"
)

const memoryNote = "peak memory: of the largest single process, because this system has no /proc; it is less than the sum that the aim is about"

// largestMB is ru_maxrss of a process and those it waited for, which macOS gives in bytes and the other
// systems in KiB.
func largestMB(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return float64(usage.Maxrss) / 1e6
	}
	return float64(usage.Maxrss) * 1024 / 1e6
}

func watch(_ int, stop <-chan struct{}) (own, children float64) {
	<-stop
	return 0, 0
}

func loadAverage() string { return "" }
