package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/lectern/lectern/runtime/contract"
)

// place replaces a file in one go, so that nobody ever reads half of it or sees it with the wrong owner. The folder must
// exist.
func (m *Machine) place(name string, data []byte, owner string, mode os.FileMode) error {
	id := idOf(owner)
	return m.placeFor(name, data, id, id, mode)
}

func (m *Machine) placeFor(name string, data []byte, uid, gid int, mode os.FileMode) error {
	path := m.path(name)
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	_, err = f.Write(data)
	if err == nil {
		err = m.own(f.Name(), uid, gid)
	}
	if err == nil {
		err = f.Chmod(mode) // after the owner, which takes set-user-ID away
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), path)
}

// placeSystem is place for files of root that everybody may read, whose folders are made.
func (m *Machine) placeSystem(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o755); err != nil {
		return err
	}
	return m.place(name, data, contract.OwnerRoot, 0o644)
}

// idOf is the number of an owner of a recipe, as user and as group.
func idOf(owner string) int {
	if owner == contract.OwnerApp {
		return contract.AppUID
	}
	return 0
}

// own gives path to a user and group, unless it has it already: an access point of the shared file system lets
// nobody change owners, not even root, and gives every file the owner it should have.
// https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html
func (m *Machine) own(path string, uid, gid int) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if has, ok := info.Sys().(*syscall.Stat_t); ok && int(has.Uid) == uid && int(has.Gid) == gid {
		return nil
	}
	if m.Chown != nil {
		return m.Chown(path, uid, gid)
	}
	return os.Lchown(path, uid, gid)
}

// ownTree gives root and all below it to owner, but does not enter other file systems: the shared one may be mounted
// there.
func (m *Machine) ownTree(root, owner string) error {
	id := idOf(owner)
	top, err := os.Lstat(root)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if !sameDevice(info, top) {
				return filepath.SkipDir
			}
		}
		return m.own(path, id, id)
	})
}

func sameDevice(a, b fs.FileInfo) bool {
	x, ok := a.Sys().(*syscall.Stat_t)
	y, also := b.Sys().(*syscall.Stat_t)
	return ok && also && x.Dev == y.Dev
}

// fileMode is an octal mode of a recipe; contract.Recipe.Validate has checked that it is one.
func fileMode(octal string) os.FileMode {
	bits, err := strconv.ParseUint(octal, 8, 12)
	if err != nil {
		return 0
	}
	mode := os.FileMode(bits & 0o777)
	for bit, flag := range map[uint64]os.FileMode{0o4000: os.ModeSetuid, 0o2000: os.ModeSetgid, 0o1000: os.ModeSticky} {
		if bits&bit != 0 {
			mode |= flag
		}
	}
	return mode
}
