package proxy

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// guard replaces the server's limits for whole requests, which would end long uploads and event streams, by one for each
// read and write of the client's connection. end is called when the request is over.
func (p *Proxy) guard(w http.ResponseWriter, r *http.Request, x *exchange) (guarded http.ResponseWriter, end func()) {
	d := &download{ResponseWriter: w, connection: http.NewResponseController(w), stall: p.options.Stall}
	_ = d.connection.SetWriteDeadline(time.Time{}) // only connections that were upgraded or are no connections cannot
	if r.ContentLength == 0 {
		// A deadline that passes while the handler is at work would count as a client that has gone.
		_ = d.connection.SetReadDeadline(time.Time{})
		return d, d.end
	}
	x.body = &upload{ReadCloser: r.Body, connection: d.connection, stall: p.options.Stall}
	r.Body = x.body
	return d, func() { x.body.ended.Store(true); d.end() }
}

// upload is a body that the client sends.
type upload struct {
	io.ReadCloser
	connection *http.ResponseController
	stall      time.Duration
	ended      atomic.Bool           // the connection may belong to the next request
	failure    atomic.Pointer[error] // why it could not be read
}

func (u *upload) Read(p []byte) (int, error) {
	if !u.ended.Load() {
		_ = u.connection.SetReadDeadline(time.Now().Add(u.stall))
	}
	n, err := u.ReadCloser.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		if !u.ended.Load() {
			_ = u.connection.SetReadDeadline(time.Time{})
		}
	case err != nil:
		u.failure.Store(&err)
	}
	return n, err
}

// failed is why the body could not be read, or nil. There may be no body.
func (u *upload) failed() error {
	if u == nil || u.failure.Load() == nil {
		return nil
	}
	return *u.failure.Load()
}

// download is an answer that the client takes.
type download struct {
	http.ResponseWriter
	connection *http.ResponseController
	stall      time.Duration
}

func (d *download) Write(p []byte) (int, error) {
	_ = d.connection.SetWriteDeadline(time.Now().Add(d.stall))
	return d.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush and hijack.
func (d *download) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// end leaves time for what the server still writes: the end of a chunked body.
func (d *download) end() { _ = d.connection.SetWriteDeadline(time.Now().Add(d.stall)) }
