package objectstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Put implements Port. The object is on the disk, not only in the system's memory, when it returns.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := checkBody(size); err != nil {
		return err
	}
	partial := path.Join(partialDir, uuid.NewString())
	defer f.root.Remove(partial) // after the rename there is none
	if err := f.write(ctx, partial, newExactly(r, size), cmp.Or(contentType, defaultType)); err != nil {
		return fmt.Errorf("object store: put %s: %w", key, err)
	}
	if err := f.place(partial, fileOf(key)); err != nil {
		return fmt.Errorf("object store: put %s: %w", key, err)
	}
	return nil
}

func (f *Folder) write(ctx context.Context, name string, r io.Reader, contentType string) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, hash), &untilDone{ctx, r}); err != nil {
		return err
	}
	if err := writeTail(file, tail{ContentType: contentType, ETag: `"` + hex.EncodeToString(hash.Sum(nil)[:16]) + `"`}); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// place moves a finished file to where it is found. A DeletePrefix may take the folder away in between.
func (f *Folder) place(partial, name string) error {
	for attempt := 1; ; attempt++ {
		err := f.makeDir(path.Dir(name))
		if err == nil {
			err = f.root.Rename(partial, name)
		}
		if err == nil {
			return f.sync(path.Dir(name))
		}
		if !errors.Is(err, fs.ErrNotExist) || attempt == 10 {
			return err
		}
	}
}

// makeDir is MkdirAll that survives a power cut.
func (f *Folder) makeDir(dir string) error {
	err := f.root.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		if err := f.makeDir(path.Dir(dir)); err != nil {
			return err
		}
		err = f.root.Mkdir(dir, 0o755)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return f.sync(path.Dir(dir))
}

// sync makes what was added to a folder durable; a folder that is gone needs none of it.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

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

// Ping implements Port: the folder is there and may be written to.
func (f *Folder) Ping(context.Context) error {
	name := path.Join(partialDir, uuid.NewString())
	file, err := f.root.Create(name)
	if err == nil {
		err = errors.Join(file.Close(), f.root.Remove(name))
	}
	if err != nil {
		return fmt.Errorf("object store: folder %s: %w", f.dir, err)
	}
	return nil
}

// untilDone stops reading when its context is over.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := context.Cause(u.ctx); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
