package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
)

// contentCaching: a file never changes under its address, and the address is the launch's own.
const contentCaching = "private, max-age=43200, immutable"

// serveContent serves a file of a course to whoever has a grant for it, as the edge does where there is a CDN. Ranges and conditions (RFC 9110 13, 14)
// are net/http's.
func (a *api) serveContent(w http.ResponseWriter, r *http.Request) {
	grant, tenantID, contentID, file, err := launch.ParseContentPath(r.URL.EscapedPath())
	if err != nil {
		a.answer(w, r, nil, err)
		return
	}
	if err := a.Keys.CheckGrant(grant, r.Host, tenantID, contentID, a.Clock()); err != nil {
		status := http.StatusForbidden
		if fault.Is(err, fault.Gone) {
			status = http.StatusGone
		}
		writeProblem(w, r, newProblem(status, "this content is reachable only from a running launch; open the course again"))
		return
	}
	f := &storedFile{ctx: r.Context(), store: a.Store, key: content.FilePrefix(tenantID, contentID) + file}
	defer f.close()
	if err := f.open(r.Method == http.MethodGet && r.Header.Get("Range") == ""); err != nil {
		if errors.Is(err, objectstore.ErrNotFound) || errors.Is(err, objectstore.ErrBadKey) {
			err = fault.New(fault.NotFound, "the package has no such file")
		}
		a.answer(w, r, nil, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.info.ContentType)
	h.Set("Cache-Control", contentCaching)
	if f.info.ETag != "" {
		h.Set("ETag", f.info.ETag)
	}
	http.ServeContent(&pacedWriter{ResponseWriter: w, control: http.NewResponseController(w)}, r, "", f.info.LastModified, f)
}

// storedFile reads an object from wherever ServeContent seeks to. It is an io.ReadSeeker.
type storedFile struct {
	ctx   context.Context
	store objectstore.Port
	key   string

	info objectstore.Info
	body io.ReadCloser // at position at; nil: none
	at   int64         // where body is
	want int64         // where the next read is to be
}

// open asks for the object; whole keeps its bytes coming, which saves a second request.
func (f *storedFile) open(whole bool) (err error) {
	if !whole {
		f.info, err = f.store.Stat(f.ctx, f.key)
		return err
	}
	o, err := f.store.Get(f.ctx, f.key, 0, -1)
	f.info, f.body = o.Info, o.Body
	return err
}

func (f *storedFile) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.want
	case io.SeekEnd:
		offset += f.info.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	f.want = offset
	return offset, nil
}

func (f *storedFile) Read(p []byte) (int, error) {
	if f.want >= f.info.Size {
		return 0, io.EOF
	}
	if f.body == nil || f.at != f.want {
		f.close()
		o, err := f.store.Get(f.ctx, f.key, f.want, -1)
		if err != nil {
			return 0, fmt.Errorf("read on: %w", err)
		}
		f.body, f.at = o.Body, f.want
	}
	n, err := f.body.Read(p)
	f.at += int64(n)
	f.want = f.at
	return n, err
}

func (f *storedFile) close() {
	if f.body != nil {
		f.body.Close()
		f.body = nil
	}
}

// pacedWriter gives every write a deadline of its own, so that a download may take as long as it moves.
type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	next    time.Time
}

func (p *pacedWriter) Write(b []byte) (int, error) {
	if now := time.Now(); now.After(p.next) {
		_ = p.control.SetWriteDeadline(now.Add(2 * pace)) // where a connection has none, the server's limit stays
		p.next = now.Add(pace / 10)
	}
	return p.ResponseWriter.Write(b)
}
