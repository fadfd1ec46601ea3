package environ

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/lectern/lectern/runtime/contract"
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

// write replaces a file in one go. The folder belongs to the workload's user, who could put anything there: what is
// written to is always a new file, and its owner and mode are set through it and not through its name.
func (k *Keeper) write(name string, content []byte) error {
	path := k.path(name)
	if err := k.makeDirectory(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // new, mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if k.UID >= 0 {
		err = f.Chown(k.UID, k.GID)
	}
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = f.Chmod(fileMode)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
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
