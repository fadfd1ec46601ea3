//go:build system

package fleet_test

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// endpoint is one address of a database that moves, as the name of a database on AWS is: whoever connects gets to where it points by then.
type endpoint struct {
	host, port string
	listener   net.Listener

	mu     sync.Mutex
	target string // "": nobody is there, connections are refused
	mute   bool   // new connections are taken and nothing is ever answered
	pairs  map[*pair]bool
}

// pair is a connection of a client with the one to the server behind it.
type pair struct {
	client, server net.Conn
	mute           bool // nothing passes any more, nor does the end of it
}

func startEndpoint(t *testing.T, target string) *endpoint {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	e := &endpoint{listener: l, target: target, pairs: map[*pair]bool{}}
	e.host, e.port, err = net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	go e.accept()
	t.Cleanup(func() { l.Close(); e.cut() })
	return e
}

// cut ends all connections at once and lets nobody connect, as when the server's process has died.
func (e *endpoint) cut() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.target = ""
	for p := range e.pairs {
		p.close()
	}
}

// silence lets nothing pass any more, in connections old and new, though none of them ends: as when the server's machine is gone.
func (e *endpoint) silence() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mute = true
	for p := range e.pairs {
		p.mute = true
	}
}

// point leads new connections to another server. What is silent stays so.
func (e *endpoint) point(target string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.target, e.mute = target, false
}

func (e *endpoint) accept() {
	for {
		client, err := e.listener.Accept()
		if err != nil {
			return // the test has ended
		}
		e.mu.Lock()
		p := &pair{client: client, mute: e.mute}
		target := e.target
		e.pairs[p] = true
		e.mu.Unlock()
		if p.mute {
			continue
		}
		if target != "" {
			p.server, err = net.Dial("tcp", target)
		}
		if target == "" || err != nil {
			p.close()
			continue
		}
		go e.pass(p, p.client, p.server)
		go e.pass(p, p.server, p.client)
	}
}

// pass copies until one side ends, then ends the other.
func (e *endpoint) pass(p *pair, to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		e.mu.Lock()
		mute := p.mute
		e.mu.Unlock()
		if mute {
			_, _ = io.Copy(io.Discard, from) // a client that gives up; the client hears nothing of a server that ends
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !p.mute {
		p.close()
		delete(e.pairs, p)
	}
}

func (p *pair) close() {
	p.client.Close()
	if p.server != nil {
		p.server.Close()
	}
}
