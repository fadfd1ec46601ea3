package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// AskFiles is for a Part: it asks whether the shared file system at path answers. A file system of the network that is away
// makes the question hang, not fail; Health bears that, and asks no second time meanwhile.
//
// A file system that was seen there must stay: when its mount is lost, the folder below it answers in its place.
func AskFiles(path string) func(context.Context) error {
	mounted := false // one question at a time
	return func(context.Context) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is no directory", path)
		}
		parent, err := os.Stat(filepath.Dir(path))
		if err != nil {
			return err
		}
		apart := device(info) != device(parent)
		if mounted && !apart {
			return fmt.Errorf("nothing is mounted at %s any more; mount it again (mount %s), or terminate the instance", path, path)
		}
		mounted = apart
		var answer syscall.Statfs_t
		if err := syscall.Statfs(path, &answer); err != nil { // Stat may be answered from what the kernel remembers
			return fmt.Errorf("statfs %s: %w", path, err)
		}
		return nil
	}
}

// device is the number of the file system that a file is on.
func device(info os.FileInfo) uint64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return stat.Dev
}
