package host

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// heapShare of the memory that the process may use is for what Go's runtime counts; the rest is for what it does not: the binary,
// buffers of the kernel for connections and files.
const heapShare = 85 // percent

// LimitMemory keeps the process below what it may use: the collector works harder before systemd or the kernel ends the process
// (https://go.dev/doc/gc-guide#Memory_limit). GOMEMLIMIT, if it is set, wins. It returns the limit in bytes.
func LimitMemory(log *slog.Logger) int64 {
	if os.Getenv("GOMEMLIMIT") == "" {
		if most := Memory("/"); most > 0 {
			debug.SetMemoryLimit(most / 100 * heapShare)
		}
	}
	limit := debug.SetMemoryLimit(-1)
	log.Info("memory", "limitBytes", limit)
	return limit
}

// Memory is how many bytes the process may use: what is installed, or what its control groups allow, whichever is
// less. 0: unknown, e.g. where there is no /proc. root is "/".
func Memory(root string) int64 {
	most := int64(math.MaxInt64)
	if text, err := os.ReadFile(filepath.Join(root, "proc/meminfo")); err == nil {
		var kilobytes int64
		if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kilobytes); err == nil {
			most = kilobytes << 10
		}
	}
	groups, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup")) // none: nothing to read below
	for line := range strings.Lines(string(groups)) {
		// Version 2 is 0::/path; of version 1 the controller "memory" counts (cgroups(7)).
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) < 3:
		case parts[0] == "0" && parts[1] == "":
			most = min(most, smallest(filepath.Join(root, "sys/fs/cgroup"), parts[2], "memory.max"))
		case parts[1] == "memory":
			most = min(most, smallest(filepath.Join(root, "sys/fs/cgroup/memory"), parts[2], "memory.limit_in_bytes"))
		}
	}
	if most == math.MaxInt64 {
		return 0
	}
	return most
}

// smallest is the least of the limits of a group and those around it. In a container the path may not be there; the top is.
func smallest(top, path, name string) int64 {
	most := int64(math.MaxInt64)
	for dir := filepath.Clean("/" + path); ; dir = filepath.Dir(dir) {
		if text, err := os.ReadFile(filepath.Join(top, dir, name)); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 { // else it is "max"
				most = min(most, n)
			}
		}
		if dir == "/" {
			return most
		}
	}
}
