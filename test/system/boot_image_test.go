//go:build system && linux

package system_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// image is a bootable Debian. Amazon Linux 2023, on which instances run, is not to be had outside of EC2. What user data
// needs is in every Amazon Linux image already: curl, the AWS CLI, coreutils, shadow.
type image struct {
	suite    string
	packages []string
	disabled []string // units that a package would start
}

// options are those of mmdebstrap; they are all that makes one image other than another.
func (i image) options() []string {
	options := append(slices.Clone(imageOptions), "--include="+strings.Join(i.packages, ","))
	for _, unit := range i.disabled {
		options = append(options, `--customize-hook=chroot "$1" systemctl disable `+unit)
	}
	return append(options, i.suite)
}

var imagePackages = []string{"systemd-sysv", "udev", "dbus", "cloud-init", "iproute2", "curl", "ca-certificates", "awscli", "passwd", "procps"}

var sitePackages = []string{
	"apache2", "composer", "git", "media-types", "nginx", "openssh-client", "unzip",
	"php8.4-bcmath", "php8.4-cli", "php8.4-curl", "php8.4-fpm", "php8.4-gd", "php8.4-intl", "php8.4-mbstring", "php8.4-memcached",
	"php8.4-mysql", "php8.4-opcache", "php8.4-pgsql", "php8.4-redis", "php8.4-soap", "php8.4-xml", "php8.4-zip",
}

// Packages are installed on a disk in memory, from indices without translations.
var imageOptions = []string{"--variant=minbase", "--format=directory", `--aptopt=Acquire::Languages "none"`, "--dpkgopt=force-unsafe-io"}

var (
	// debian12 has the systemd of Amazon Linux 2023 (252). The engine needs no packages, so it boots on this.
	debian12 = image{suite: "bookworm", packages: imagePackages}
	// debian13 is the other distribution that recipes are written for, with the PHP (8.4) that they install on Amazon Linux.
	debian13 = image{suite: "trixie", packages: imagePackages}
	// debian13Ready is an image of a client's own, with the packages of the reference clients, so that most boots need not
	// install any: one boot of each client does.
	debian13Ready = image{
		suite: "trixie", packages: slices.Concat(imagePackages, sitePackages), disabled: []string{"apache2", "nginx", "php8.4-fpm"},
	}
)

const bootTools = "apt-get install --no-install-recommends mmdebstrap systemd-container redis-server iproute2 mariadb-server memcached git"

// requireBootTools fails at once and in words where no machine can be booted.
func requireBootTools(t *testing.T) {
	t.Helper()
	require.Zero(t, os.Geteuid(), "booting a machine needs root (systemd-nspawn, a network namespace); run the system tests with sudo")
	for _, tool := range []string{"mmdebstrap", "systemd-nspawn", "redis-server", "ip", "mariadbd", "memcached", "git"} {
		_, err := exec.LookPath(tool)
		require.NoError(t, err, "%s is missing; on Debian: %s", tool, bootTools)
	}
}

// making keeps two tests from making the same image.
var making sync.Mutex

// folder is where the image is. It is made once and kept in the user's cache folder; machines boot from it without
// changing it.
func (i image) folder(t *testing.T) string {
	t.Helper()
	making.Lock()
	defer making.Unlock()
	content := sha256.Sum256([]byte(strings.Join(i.options(), "\x00")))
	folder := filepath.Join(cacheFolder(t), fmt.Sprintf("boot-image-%x", content[:6]))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), "unfinished-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(unfinished) }) // renamed by then, if all is well
	began := time.Now()
	output, err := exec.Command("mmdebstrap", append(i.options(), unfinished)...).CombinedOutput()
	require.NoError(t, err, "making the image: %s", lastLines(string(output), 30))
	require.NoError(t, os.Chmod(unfinished, 0o755))
	require.NoError(t, os.Rename(unfinished, folder))
	t.Logf("made the image %s of %s in %.0f s", folder, i.suite, time.Since(began).Seconds())
	return folder
}

// cacheFolder keeps what is dear to make between runs.
func cacheFolder(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	folder := filepath.Join(cache, "lectern")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	return folder
}
