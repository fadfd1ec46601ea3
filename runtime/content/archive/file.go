package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/lectern/lectern/runtime/content"
)

// Damage is the error of a file whose bytes are not what the archive says of them: it is about the package, unlike
// every other error of reading.
type Damage struct {
	File  string
	cause error
}

// Error implements error.
func (d *Damage) Error() string { return fmt.Sprintf("archive: %s is damaged: %v", d.File, d.cause) }

// Unwrap is what the reader found.
func (d *Damage) Unwrap() error { return d.cause }

// Finding is the damage for a report.
func (d *Damage) Finding() content.Finding {
	message := "its bytes cannot be unpacked"
	switch {
	case errors.Is(d.cause, zip.ErrChecksum):
		message = "its bytes do not have the checksum that the archive states"
	case errors.Is(d.cause, zip.ErrFormat), errors.Is(d.cause, io.ErrUnexpectedEOF):
		message = "its size is not the one that the archive states"
	}
	return content.Finding{Severity: content.SeverityError, Rule: "archive.damaged", File: printable(d.File), Message: message, Remedy: repack}
}

// file is an open file.
type file struct {
	entry *entry
	body  io.ReadCloser
	sum   hash.Hash32 // for entries whose checksum is 0, which archive/zip takes for "not stated"
	err   error       // sticky
}

func (e *entry) open() (fs.File, error) {
	if e.bare != nil {
		return &file{entry: e, body: io.NopCloser(io.NewSectionReader(e.bare, 0, e.size))}, nil
	}
	body, err := e.zip.Open()
	if err != nil {
		return nil, e.failure(err)
	}
	f := &file{entry: e, body: body}
	if e.zip.CRC32 == 0 {
		f.sum = crc32.NewIEEE()
	}
	return f, nil
}

// failure tells damage from a disk that cannot be read.
func (e *entry) failure(err error) error {
	if isSourceError(err) {
		return fmt.Errorf("archive: read %s: %w", e.name, err)
	}
	return &Damage{File: e.name, cause: err}
}

// Read implements fs.File.
func (f *file) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.body.Read(p)
	if f.sum != nil {
		f.sum.Write(p[:n])
	}
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		f.err = io.EOF
		if f.sum != nil && f.sum.Sum32() != 0 {
			f.err = f.entry.failure(zip.ErrChecksum)
		}
	default:
		f.err = f.entry.failure(err)
	}
	return n, f.err
}

// Stat implements fs.File.
func (f *file) Stat() (fs.FileInfo, error) {
	h := zip.FileHeader{Name: f.entry.name, UncompressedSize64: uint64(f.entry.size)}
	if f.entry.zip != nil {
		h.Modified = f.entry.zip.Modified
	}
	return h.FileInfo(), nil
}

// Close implements fs.File.
func (f *file) Close() error { return f.body.Close() }
