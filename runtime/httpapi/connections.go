package httpapi

import (
	"container/list"
	"net"
	"net/http"
	"sync"
)

// Connections is how many a process may have that may use this much memory, in bytes: one with a request costs some tens
// of KiB beside its body. At least 512, at most 16384.
func Connections(memory int64) int { return int(min(max(memory/(256<<10), 512), 16384)) }

// LimitConnections keeps a server from having more connections than most. For one more it closes the one that has been
// without a request for longest; if none is, the new one. s must not serve on anything else.
func LimitConnections(l net.Listener, s *http.Server, most int) net.Listener {
	c := &connections{Listener: l, most: most, open: map[net.Conn]*list.Element{}}
	s.ConnState = c.note
	return c
}

type connections struct {
	net.Listener
	most int

	mu   sync.Mutex
	open map[net.Conn]*list.Element // nil: it has a request
	idle list.List                  // of net.Conn, longest first
}

// Accept implements net.Listener.
func (c *connections) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil || c.admit(conn) {
			return conn, err
		}
		_ = conn.Close() // nothing was said on it
	}
}

func (c *connections) admit(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.most {
		oldest := c.idle.Front()
		if oldest == nil {
			return false
		}
		c.forget(oldest.Value.(net.Conn))
		_ = oldest.Value.(net.Conn).Close() // the server notices
	}
	c.open[conn] = c.idle.PushBack(conn)
	return true
}

// note is the server's ConnState.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place, known := c.open[conn]
	switch {
	case !known: // it has just been closed
	case state == http.StateClosed || state == http.StateHijacked:
		c.forget(conn)
	case state == http.StateActive && place != nil:
		c.idle.Remove(place)
		c.open[conn] = nil
	case state == http.StateIdle && place == nil:
		c.open[conn] = c.idle.PushBack(conn)
	}
}

// forget is for who holds the lock.
func (c *connections) forget(conn net.Conn) {
	if place := c.open[conn]; place != nil {
		c.idle.Remove(place)
	}
	delete(c.open, conn)
}
