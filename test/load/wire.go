package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/lectern/lectern/test/load/learner"
)

// wire sends commits over one connection with as little work as possible, since the measuring side shares the machine with what is
// measured and pgbench, the limit, is lean too.
type wire struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	head    []byte // of every request, up to Content-Length
	player  *learner.Learner
	size    int
}

func newWire(address, session string, player *learner.Learner, size int) *wire {
	head := fmt.Sprintf("POST /api/v1/commits HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: ", address, session)
	return &wire{address: address, head: []byte(head), player: player, size: size}
}

// connect makes a fresh connection: the server closes those that are idle for long.
func (w *wire) connect() (err error) {
	if w.conn != nil {
		w.conn.Close()
	}
	if w.conn, err = net.Dial("tcp", w.address); err == nil {
		w.in = bufio.NewReader(w.conn)
	}
	return err
}

// commit sends the learner's next commit and waits until it is acknowledged as applied.
func (w *wire) commit() error {
	body, err := json.Marshal(w.player.Next(w.size))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Grow(len(w.head) + len(body) + 16)
	b.Write(w.head)
	fmt.Fprintf(&b, "%d\r\n\r\n", len(body))
	b.Write(body)
	if _, err := w.conn.Write(b.Bytes()); err != nil {
		return err
	}
	resp, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !bytes.Contains(text, []byte(`"applied"`)) {
		return fmt.Errorf("commit: status %d: %s", resp.StatusCode, text)
	}
	return nil
}
