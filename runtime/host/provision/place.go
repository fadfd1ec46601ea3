package provision

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/atomicfile"
)

// place replaces a file in one go. The folder must exist.
func (m *Machine) place(name string, data []byte, owner string, mode os.FileMode) error {
	id := idOf(owner)
	return m.placeFor(name, data, id, id, mode)
}

func (m *Machine) placeFor(name string, data []byte, uid, gid int, mode os.FileMode) error {
	return atomicfile.Write(m.path(name), data, mode, func(f *os.File) error { return m.ownFile(f, uid, gid) })
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

// own gives a file to a user and group, unless it has it already: an access point of the shared file system lets nobody
// change owners, not even root, and gives every file the owner it should have.
// https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html
func (m *Machine) own(info fs.FileInfo, path string, uid, gid int, chown func(uid, gid int) error) error {
	if has, ok := info.Sys().(*syscall.Stat_t); ok && int(has.Uid) == uid && int(has.Gid) == gid {
		return nil
	}
	if m.Chown != nil {
		return m.Chown(path, uid, gid)
	}
	return chown(uid, gid)
}

// ownFile is own for a file that is open, wherever its name leads by now.
func (m *Machine) ownFile(f *os.File, uid, gid int) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return m.own(info, f.Name(), uid, gid, f.Chown)
}

// ownTree gives a directory and all below it to owner, but does not enter other file systems: the shared one may be
// mounted there. When an instance boots again its workload may be at work there, and could put a link in the place of a
// folder: os.Root does not follow one that leads out.
func (m *Machine) ownTree(name, owner string) error {
	id := idOf(owner)
	root, err := os.OpenRoot(m.path(name))
	if err != nil {
		return err
	}
	defer root.Close()
	top, err := root.Lstat(".")
	if err != nil {
		return err
	}
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := root.Lstat(path)
		if err != nil {
			return err
		}
		if entry.IsDir() && !sameDevice(info, top) {
			return fs.SkipDir
		}
		return m.own(info, filepath.Join(root.Name(), path), id, id, func(uid, gid int) error { return root.Lchown(path, uid, gid) })
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
