package environ

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/atomicfile"
)

// The folder and the files in it are root's, and the workload's group may read them: what the workload could exchange for
// a link would be followed by systemd, which reads EnvironmentFile as root.
const (
	directoryMode = 0o750
	fileMode      = 0o440
	refreshMode   = 0o600
)

func (k *Keeper) path(name string) string { return filepath.Join("/", k.Root, name) }

func (k *Keeper) read(name string) ([]byte, error) { return os.ReadFile(k.path(name)) }

// written says whether an earlier run left the files.
func (k *Keeper) written() bool {
	_, err := os.Stat(k.path(contract.EnvironmentFile))
	return err == nil
}

// write replaces a file in one go.
func (k *Keeper) write(name string, content []byte) error {
	path := k.path(name)
	if err := k.makeDirectory(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.Write(path, content, fileMode, func(f *os.File) error {
		if k.UID < 0 {
			return nil
		}
		return f.Chown(os.Geteuid(), k.GID)
	})
}

// allowRefresh makes RefreshFile, which alone in the folder is the workload's own.
func (k *Keeper) allowRefresh() error {
	f, err := os.OpenFile(k.path(contract.RefreshFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, refreshMode)
	if os.IsExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if k.UID >= 0 {
		err = f.Chown(k.UID, k.GID)
	}
	return errors.Join(err, f.Close())
}

func (k *Keeper) makeDirectory(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(path, directoryMode); err != nil && !os.IsExist(err) {
		return err
	}
	// Not a link, and nobody but root can exchange it: its parent is root's.
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no directory; remove it", path)
	}
	if k.UID >= 0 {
		if err := os.Lchown(path, os.Geteuid(), k.GID); err != nil {
			return err
		}
	}
	return os.Chmod(path, directoryMode)
}
