package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lectern/lectern/runtime/contract"
)

// MakeDirectories makes contract.CodeDir and the recipe's directories. Parents that are missing belong to root and have
// mode 0755.
func (m *Machine) MakeDirectories(context.Context) error {
	if _, err := os.Stat(m.path(contract.CodeDir)); err != nil {
		if err := m.makeDirectory(contract.Directory{Path: contract.CodeDir, Owner: contract.OwnerApp, Mode: "0755"}); err != nil {
			return err
		}
	}
	for _, d := range m.Recipe.Directories {
		if err := m.makeDirectory(d); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) makeDirectory(d contract.Directory) error {
	name, err := m.absolute(d.Path)
	if err != nil {
		return err
	}
	path, mode := m.path(name), fileMode(d.Mode)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !os.IsExist(err) {
		return err
	}
	// Through the open directory and not through its name: the parent may be the workload's, who could put a link there.
	dir, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return fmt.Errorf("%s should be a directory and is a link or a file; remove it", name)
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	id := idOf(d.Owner)
	if err := m.ownFile(dir, id, id); err != nil {
		return err
	}
	info, err := dir.Stat()
	if err != nil || info.Mode()&^os.ModeDir == mode {
		return err
	}
	return dir.Chmod(mode)
}

// absolute fills in a template that must be a path.
func (m *Machine) absolute(text string) (string, error) {
	name, err := m.Facts.Render(text)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(name) || filepath.Clean(name) != name || name == "/" {
		return "", fmt.Errorf("template %q is %q here, which is no clean absolute path below /", text, name)
	}
	return name, nil
}
