package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const memoryNote = "peak memory: sum over the processes of each one's peak resident set (an upper bound)"

// watch reads VmHWM of a process and of all its descendants until stop, and returns
// the highest of the one and the sum of the highest of the others. What wait4 tells
// is of no use for the process itself: it is the larger of it and its children.
// proc(5), getrusage(2).
func watch(pid int, stop <-chan struct{}) (own, children float64) {
	peaks := map[int]float64{}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			for id, peak := range peaks {
				if id != pid {
					children += peak
				}
			}
			return peaks[pid], children
		case <-tick.C:
			look(pid, peaks)
		}
	}
}

func look(pid int, peaks map[int]float64) {
	peaks[pid] = max(peaks[pid], highWaterMB(pid))
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		content, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range strings.Fields(string(content)) {
			if child, err := strconv.Atoi(field); err == nil {
				look(child, peaks)
			}
		}
	}
}

// largestMB is only needed where there is no /proc.
func largestMB(*os.ProcessState) float64 { return 0 }

func highWaterMB(pid int) float64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0 // ended between the two reads
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				return 0
			}
			return kib * 1024 / 1e6
		}
	}
	return 0
}

func loadAverage() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(content))[:3], " ")
}
