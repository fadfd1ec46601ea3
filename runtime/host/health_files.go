package host

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// AskFiles is for a Part: it asks whether the shared file system at path answers. A file system of the network that is away
// makes the question hang, not fail; Health bears that, and asks no second time meanwhile.
func AskFiles(path string) func(context.Context) error {
	return func(context.Context) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is no directory", path)
		}
		var answer syscall.Statfs_t
		if err := syscall.Statfs(path, &answer); err != nil { // Stat may be answered from what the kernel remembers
			return fmt.Errorf("statfs %s: %w", path, err)
		}
		return nil
	}
}
