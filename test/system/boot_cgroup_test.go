//go:build system && linux

package system_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cgroups makes a control group of the machine's own in every hierarchy in which systemd
// keeps its tree, and removes what is left of them when the test ends. It returns the files
// a process writes its id to in order to join.
func cgroups(t *testing.T, name string) []string {
	t.Helper()
	var join []string
	for _, hierarchy := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"} { // version 2; both versions
		if _, err := os.Stat(filepath.Join(hierarchy, "cgroup.procs")); err != nil {
			continue
		}
		group := filepath.Join(hierarchy, name)
		require.NoError(t, os.Mkdir(group, 0o755), "making a control group")
		t.Cleanup(func() {
			for end := time.Now().Add(5 * time.Second); !removeGroup(group); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Errorf("control group %s is still in use", group)
					return
				}
			}
		})
		join = append(join, filepath.Join(group, "cgroup.procs"))
	}
	require.NotEmpty(t, join, "there are no control groups under /sys/fs/cgroup, without which systemd does not boot")
	return join
}

// removeGroup removes a control group and those below it; false: some process is still in it.
func removeGroup(group string) bool {
	var folders []string
	_ = filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	for _, folder := range slices.Backward(folders) {
		_ = os.Remove(folder)
	}
	_, err := os.Stat(group)
	return os.IsNotExist(err)
}
