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

	"github.com/google/uuid"
)

// Put implements Port. The object is on the disk, not only in the system's memory, when it returns.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := checkBody(size); err != nil {
		return err
	}
	partial := path.Join(partialDir, uuid.NewString())
	defer func() { _ = f.root.Remove(partial) }() // after the rename there is none
	if err := f.write(ctx, partial, newExactly(r, size), cmp.Or(contentType, defaultType)); err != nil {
		return fmt.Errorf("object store: put %s: %w", key, noteFull(err))
	}
	if err := f.place(partial, fileOf(key)); err != nil {
		return fmt.Errorf("object store: put %s: %w", key, noteFull(err))
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
