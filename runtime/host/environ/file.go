package environ

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/atomicfile"
)

const (
	directoryMode = 0o700
	fileMode      = 0o400
)

func (k *Keeper) path(name string) string { return filepath.Join("/", k.Root, name) }

func (k *Keeper) read(name string) ([]byte, error) { return os.ReadFile(k.path(name)) }

// written says whether an earlier run left the files.
func (k *Keeper) written() bool {
	_, err := os.Stat(k.path(contract.EnvironmentFile))
	return err == nil
}

// write replaces a file in one go, in a folder that belongs to the workload's user.
func (k *Keeper) write(name string, content []byte) error {
	path := k.path(name)
	if err := k.makeDirectory(filepath.Dir(path)); err != nil {
		return err
	}
	return atomicfile.Write(path, content, fileMode, func(f *os.File) error {
		if k.UID < 0 {
			return nil
		}
		return f.Chown(k.UID, k.GID)
	})
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
		if err := os.Lchown(path, k.UID, k.GID); err != nil {
			return err
		}
	}
	return os.Chmod(path, directoryMode)
}
