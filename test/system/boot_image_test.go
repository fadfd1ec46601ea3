//go:build system && linux

package system_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Debian 12 has the systemd of Amazon Linux 2023 (252), whose own packages are not to be
// had outside of EC2. What user data needs is in every Amazon Linux image already:
// curl, the AWS CLI, coreutils, shadow.
var (
	imageSuite    = "bookworm"
	imagePackages = []string{"systemd-sysv", "udev", "dbus", "cloud-init", "iproute2", "curl", "ca-certificates", "awscli", "passwd", "procps"}
)

const bootTools = "apt-get install --no-install-recommends mmdebstrap systemd-container redis-server iproute2"

// requireBootTools fails at once and in words where no machine can be booted.
func requireBootTools(t *testing.T) {
	t.Helper()
	require.Zero(t, os.Geteuid(), "booting a machine needs root (systemd-nspawn, a network namespace); run the system tests with sudo")
	for _, tool := range []string{"mmdebstrap", "systemd-nspawn", "redis-server", "ip"} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "%s is missing; on Debian: %s", tool, bootTools)
	}
}

// image is the folder of a bootable Debian. It is made once and kept in the user's cache
// folder; machines boot from it without changing it.
func image(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	content := sha256.Sum256([]byte(imageSuite + strings.Join(imagePackages, ",")))
	folder := filepath.Join(cache, "lectern", fmt.Sprintf("boot-image-%x", content[:6]))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(folder), 0o755))
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), "unfinished-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(unfinished) }) // renamed by then, if all is well
	began := time.Now()
	output, err := exec.Command("mmdebstrap", "--variant=minbase", "--format=directory", "--include="+strings.Join(imagePackages, ","),
		imageSuite, unfinished).CombinedOutput()
	require.NoError(t, err, "making the image: %s", lastLines(string(output), 30))
	require.NoError(t, os.Chmod(unfinished, 0o755))
	require.NoError(t, os.Rename(unfinished, folder))
	t.Logf("made the image %s in %.0f s", folder, time.Since(began).Seconds())
	return folder
}
