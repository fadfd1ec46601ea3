package objectstore

import (
	"errors"
	"fmt"
	"io"
)

// exactly reads size bytes from r and fails if r has fewer or more.
type exactly struct {
	r    io.Reader
	size int64
	left int64
}

func newExactly(r io.Reader, size int64) *exactly { return &exactly{r: r, size: size, left: size} }

func (e *exactly) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if e.left == 0 {
		return 0, e.end()
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case errors.Is(err, io.EOF) && e.left > 0:
		return n, fmt.Errorf("the body ended after %d of %d bytes: %w", e.size-e.left, e.size, io.ErrUnexpectedEOF)
	case errors.Is(err, io.EOF):
		return n, nil // the next Read says so
	}
	return n, err
}

// end is io.EOF if r has no more.
func (e *exactly) end() error {
	var one [1]byte
	for {
		n, err := e.r.Read(one[:])
		if n > 0 {
			return fmt.Errorf("the body has more than the %d bytes that were announced", e.size)
		}
		if err != nil {
			return err
		}
	}
}
