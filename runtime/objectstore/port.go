package objectstore

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Port is what the runtime asks of an object store. Keys are slash-separated, without a leading slash, ".." or empty
// segments; an adapter refuses others. Names are case-sensitive.
type Port interface {
	// Put stores size bytes from r under key, replacing what is there. Nothing is visible under key until all of it is. A reader that gives less or more
	// than size is an error. An empty contentType is application/octet-stream.
	Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error
	// Get opens an object, or a part of it: offset and length in bytes; length −1 is to the end. ErrNotFound if there is none.
	Get(ctx context.Context, key string, offset, length int64) (Object, error)
	// Stat is Get without the bytes.
	Stat(ctx context.Context, key string) (Info, error)
	// DeletePrefix removes everything below a prefix that ends in a slash, or one object. Removing what is not there is no error.
	DeletePrefix(ctx context.Context, prefix string) error
	// PresignPut is a request that anybody may make for life to store an object under key; ok is false if the store
	// has no such thing, and then the service takes the upload itself. Only a body of exactly size bytes (at least one)
	// and of that type is accepted. life is at most seven days, and ends with the credentials that signed.
	PresignPut(ctx context.Context, key string, size int64, contentType string, life time.Duration) (r Presigned, ok bool, err error)
	// Ping asks whether the store may be used.
	Ping(ctx context.Context) error
}

// Info describes an object.
type Info struct {
	Size         int64
	ContentType  string
	ETag         string // with quotes
	LastModified time.Time
}

// Object is an open object; the caller closes Body.
type Object struct {
	Info // Size is of the whole object
	Body io.ReadCloser
}

// Presigned is a request to make.
type Presigned struct {
	Method string
	URL    string
	Header http.Header // to be sent as they are; Content-Length is not among them, every client sends its own
}

// Errors of a Port; see also ErrBadKey.
var (
	// ErrNotFound is the answer for a key that is not there.
	ErrNotFound = errors.New("object store: not found")
	// ErrRange is the answer of Get for a part that starts at or behind the end of the object.
	ErrRange = errors.New("object store: the range is not within the object")
)

var (
	_ Port = (*Store)(nil)
	_ Port = (*Folder)(nil)
)
