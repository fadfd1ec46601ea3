package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Folder keeps objects in a local directory, for laptops and tests. One file is one object: its bytes and, behind
// them, its content type and ETag (see folder_tail.go), so that both change in one rename. Nothing outside the
// directory can be reached, not even through symbolic links in it.
type Folder struct {
	root *os.Root
	dir  string
}

const (
	objectsDir = "objects"
	partialDir = "partial" // what is being written
	// partialLife is how long a file may lie there before whoever wrote it is taken for dead.
	partialLife = 24 * time.Hour
)

// OpenFolder opens a directory, and makes it if it is not there.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("object store: make its folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("object store: open its folder: %w", err)
	}
	f := &Folder{root: root, dir: dir}
	if err := f.prepare(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("object store: folder %s: %w", dir, err)
	}
	return f, nil
}

func (f *Folder) prepare() error {
	for _, name := range []string{objectsDir, partialDir} {
		if err := f.root.MkdirAll(name, 0o755); err != nil {
			return err
		}
	}
	partial, err := fs.ReadDir(f.root.FS(), partialDir)
	if err != nil {
		return err
	}
	for _, e := range partial {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > partialLife {
			_ = f.root.Remove(path.Join(partialDir, e.Name())) // somebody else was faster
		}
	}
	return nil
}

// Close lets the directory go.
func (f *Folder) Close() error { return f.root.Close() }

// Get implements Port.
func (f *Folder) Get(_ context.Context, key string, offset, length int64) (Object, error) {
	if err := CheckKey(key); err != nil {
		return Object{}, err
	}
	if err := checkPart(offset, length); err != nil {
		return Object{}, err
	}
	file, info, err := f.open(key)
	if err != nil {
		return Object{}, err
	}
	if offset == 0 && length == -1 {
		length = info.Size
	} else if offset >= info.Size && length != 0 {
		file.Close()
		return Object{}, fmt.Errorf("%w: it starts at byte %d of %d", ErrRange, offset, info.Size)
	}
	if length == -1 || length > info.Size-offset {
		length = max(info.Size-offset, 0)
	}
	return Object{Info: info, Body: struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(file, offset, length), file}}, nil
}

// Stat implements Port.
func (f *Folder) Stat(_ context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	file, info, err := f.open(key)
	if err != nil {
		return Info{}, err
	}
	return info, file.Close()
}

func (f *Folder) open(key string) (*os.File, Info, error) {
	file, err := f.root.Open(fileOf(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("object store: open %s: %w", key, err)
	}
	info, err := readTail(file)
	if err != nil {
		file.Close()
		return nil, Info{}, fmt.Errorf("object store: open %s: %w", key, err)
	}
	return file, info, nil
}

// DeletePrefix implements Port.
func (f *Folder) DeletePrefix(_ context.Context, prefix string) error {
	if err := checkPrefix(prefix); err != nil {
		return err
	}
	name := folderOf(prefix)
	if !strings.HasSuffix(prefix, "/") {
		name = fileOf(prefix)
	}
	if err := f.root.RemoveAll(name); err != nil {
		return fmt.Errorf("object store: delete %s: %w", prefix, err)
	}
	return nil
}

// PresignPut implements Port: there is no server to make requests to.
func (f *Folder) PresignPut(_ context.Context, key string, _ int64, _ string, _ time.Duration) (Presigned, bool, error) {
	return Presigned{}, false, CheckKey(key)
}

// pingBytes are written to see whether there is room: an empty file needs none.
const pingBytes = 4096

// Ping implements Port: the folder is there and may be written to.
func (f *Folder) Ping(context.Context) error {
	name := path.Join(partialDir, uuid.NewString())
	file, err := f.root.Create(name)
	if err == nil {
		_, err = file.Write(make([]byte, pingBytes))
		err = errors.Join(err, file.Close(), f.root.Remove(name))
	}
	if err != nil {
		return fmt.Errorf("object store: folder %s: %w", f.dir, noteFull(err))
	}
	return nil
}
