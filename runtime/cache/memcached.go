package cache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// Memcached is one or more Memcached clusters. For now it can only be asked whether it is there.
type Memcached struct {
	clusters []Endpoint
}

// Endpoint is one cluster.
type Endpoint struct {
	Name string // what it is used for
	Host string
	Port string // decimal
}

// NewMemcached prepares the clusters. It does not connect.
func NewMemcached(clusters ...Endpoint) *Memcached { return &Memcached{clusters: clusters} }

// Ping asks every cluster for its version, at the same time; the error names those that did not answer.
func (m *Memcached) Ping(ctx context.Context) error {
	answers := make(chan error, len(m.clusters))
	for _, c := range m.clusters {
		go func() { answers <- c.ping(ctx) }()
	}
	var all error
	for range m.clusters {
		all = errors.Join(all, <-answers)
	}
	return all
}

func (e Endpoint) ping(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(e.Host, e.Port))
	if err != nil {
		return fmt.Errorf("memcached %s: %w", e.Name, err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return fmt.Errorf("memcached %s: %w", e.Name, err)
		}
	}
	if _, err := fmt.Fprint(conn, "version\r\n"); err != nil {
		return fmt.Errorf("memcached %s: ask: %w", e.Name, err)
	}
	line, err := bufio.NewReaderSize(conn, 128).ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("memcached %s: answer: %w", e.Name, err)
	}
	if !strings.HasPrefix(string(line), "VERSION ") {
		return fmt.Errorf("memcached %s: answered %q instead of a version; is it Memcached?", e.Name, line)
	}
	return nil
}
