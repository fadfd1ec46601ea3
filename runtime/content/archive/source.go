package archive

import (
	"errors"
	"io"
	"sync/atomic"
)

var errDirectoryTooLarge = errors.New("archive: the directory is larger than the limits allow")

// source is the archive's bytes. It tells errors of the disk below from those of the archive: whatever a reader above
// says that is no *sourceError is about the archive.
type source struct {
	r    io.ReaderAt
	size int64
	left atomic.Int64 // bytes that may be read while the directory is; −1 once that is done
}

type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// ReadAt implements io.ReaderAt. Offsets that an archive made up are beyond the end.
func (s *source) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset >= s.size {
		return 0, io.EOF
	}
	if left := s.left.Load(); left >= 0 {
		if left < int64(len(p)) {
			return 0, errDirectoryTooLarge
		}
		s.left.Store(left - int64(len(p)))
	}
	n, err := s.r.ReadAt(p, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &sourceError{err}
	}
	return n, err
}

func isSourceError(err error) bool {
	var e *sourceError
	return errors.As(err, &e)
}
