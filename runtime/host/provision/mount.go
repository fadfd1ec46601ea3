package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lectern/lectern/runtime/contract"
)

const (
	fstab      = "/etc/fstab"
	mountLimit = time.Minute // of one try; mount.efs itself waits for a tunnel and asks DNS
)

// MountFiles mounts the shared file system, now and at every start of the machine, and sees that it is mounted: what
// would be written into the folder below it would be on one instance only.
func (m *Machine) MountFiles(ctx context.Context) error {
	files := m.Facts.Files
	if files.MountPath == "" {
		return nil
	}
	if err := os.MkdirAll(m.path(files.MountPath), 0o755); err != nil {
		return err
	}
	if err := m.writeFstab(files); err != nil {
		return err
	}
	return m.retry(ctx, "mount "+files.FileSystemID, mountLimit, func(ctx context.Context) error {
		mounted, err := m.mounted(files.MountPath)
		if err != nil || mounted {
			return err
		}
		out, err := m.run(ctx, mountLimit, "mount", m.path(files.MountPath))
		if err != nil {
			return err
		}
		if mounted, err = m.mounted(files.MountPath); err == nil && !mounted {
			err = fmt.Errorf("mount %s said that all is well and mounted nothing: %q", files.MountPath, out)
		}
		return err
	})
}

// writeFstab makes the line for the mount point the only one.
func (m *Machine) writeFstab(files contract.Files) error {
	old, err := os.ReadFile(m.path(fstab))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	point := escapeMount(m.path(files.MountPath))
	var text strings.Builder
	for line := range strings.Lines(string(old)) {
		if words := strings.Fields(line); len(words) < 2 || words[1] != point || strings.HasPrefix(words[0], "#") {
			text.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	// TLS and the role's permission are required by the file system's policy; the access point says whose the files are.
	// https://docs.aws.amazon.com/efs/latest/ug/efs-mount-helper.html
	options := "_netdev,noresvport,tls,iam"
	if files.AccessPointID != "" {
		options += ",accesspoint=" + files.AccessPointID
	}
	fmt.Fprintf(&text, "%s:/ %s efs %s 0 0\n", files.FileSystemID, point, options)
	if bytes.Equal(old, []byte(text.String())) {
		return nil
	}
	return m.placeSystem(fstab, []byte(text.String()))
}

// mounted says whether something is mounted at a path.
// https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
func (m *Machine) mounted(name string) (bool, error) {
	table, err := os.ReadFile(or(m.MountInfo, "/proc/self/mountinfo"))
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(table)) {
		if words := strings.Fields(line); len(words) > 4 && words[4] == escapeMount(m.path(name)) {
			return true, nil
		}
	}
	return false, nil
}

// escapeMount writes a path as fstab and mountinfo do.
func escapeMount(path string) string {
	var out strings.Builder
	for _, b := range []byte(path) {
		if strings.IndexByte(" \t\n\\", b) >= 0 {
			out.WriteString(`\` + fmt.Sprintf("%03s", strconv.FormatUint(uint64(b), 8)))
			continue
		}
		out.WriteByte(b)
	}
	return out.String()
}
