// Package atomicfile writes files whole: whoever reads one finds what was there before or what is there now, also after
// a crash, and never with an owner or a mode that is not meant for it.
package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write replaces the file at path, whose folder must exist. own gives the new file its owner; nil: it stays this
// process's.
//
// The folder may belong to a user whom this process does not trust, and who could put a link anywhere: what is written
// to is always a new file, and its owner and mode are set through it and not through its name.
func Write(path string, data []byte, mode os.FileMode, own func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // new, mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	_, err = f.Write(data)
	if err == nil && own != nil {
		err = own(f)
	}
	if err == nil {
		err = f.Chmod(mode) // after the owner, which takes set-user-ID away
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
