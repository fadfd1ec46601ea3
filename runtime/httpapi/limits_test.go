package httpapi_test

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/httpapi"
)

func TestBodiesAreLimitedByWhatTheyAreFor(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	in := s.course(c.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(c.link(c.register(in.course, "jane"), nil))
	for name, at := range map[string]struct {
		token, method, path string
		limit               int
	}{
		"a link":                          {"", "POST", "/player/open", 4 << 10},
		"a commit":                        {p.Session, "POST", p.CommitURL, 1 << 20},
		"an operation":                    {c.token, "POST", "/api/v1/registrations", 64 << 10},
		"an operation that takes no body": {c.token, "GET", "/api/v1/courses", 4 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := s.with(at.token).send(at.method, at.path, strings.Repeat(" ", at.limit+1)).problem(413)
			require.Contains(t, got.Detail, fmt.Sprintf("limit of %d bytes", at.limit))
			require.NotEqual(t, 413, s.with(at.token).send(at.method, at.path, strings.Repeat(" ", at.limit-2)+"{}").status)
			if at.token != "" {
				s.with("").send(at.method, at.path, strings.Repeat(" ", at.limit+1)).problem(401)
			}
			for len(s.outcomes) > 0 {
				<-s.outcomes
			}
		})
	}
}

// slowly begins a request with a body of so many bytes and sends none of it.
func (s *service) slowly(method, path, token string, size int) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", method, path, cmp.Or(s.hostFor(path, token, nil), "x"), token, size)
	require.NoError(s.t, err)
	return conn
}

// answered is what came back, without its body.
type answered struct {
	status int
	header http.Header
}

func answerOn(t *testing.T, conn net.Conn) answered {
	t.Helper()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return answered{answer.StatusCode, answer.Header}
}

// One tenant's bodies that never come fill what the process holds of them. It is told to come again, and others are not.
func TestOneTenantCannotHoldAllBodies(t *testing.T) {
	s := newService(t, limits(func(l *limit) { l.BytesInFlight = 2 << 20 }))
	attacker, victim := s.tenant(), s.tenant()
	in := s.course(victim.tenant, oneSCO(content.SCORM12), nil)
	p := s.open(victim.link(victim.register(in.course, "jane"), nil))
	var conns []net.Conn
	for range 40 {
		conns = append(conns, s.slowly("POST", "/api/v1/registrations", attacker.token, 60<<10))
	}
	time.Sleep(500 * time.Millisecond) // they hold all they can get
	begun := time.Now()
	require.Equal(t, "applied", p.commit(s, commit(1, passed)))
	require.Equal(t, 200, victim.send("GET", "/api/v1/courses", nil).status)
	require.Less(t, time.Since(begun), 5*time.Second, "before theirs end")
	statuses := map[int]int{}
	for _, c := range conns {
		answer := answerOn(t, c)
		statuses[answer.status]++
		if answer.status == http.StatusServiceUnavailable {
			require.NotEmpty(t, answer.header.Get("Retry-After"))
		}
	}
	require.Equal(t, map[int]int{http.StatusServiceUnavailable: 40 - 17, http.StatusRequestTimeout: 17}, statuses, "a MiB is 17 times 60 KiB")
}

func TestABodyThatDoesNotComeEnds(t *testing.T) {
	s := newService(t)
	conn := s.slowly("POST", "/player/open", "", 100)
	begun := time.Now()
	require.Equal(t, http.StatusRequestTimeout, answerOn(t, conn).status)
	require.Less(t, time.Since(begun), 20*time.Second)
}

func TestAServerHasOnlySoManyConnections(t *testing.T) {
	release := make(chan struct{})
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			<-release
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := httpapi.NewServer(handler, discard())
	go func() { _ = server.Serve(httpapi.LimitConnections(l, server, 4)) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	dial := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	ask := func(c net.Conn, path string) {
		_, err = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
		require.NoError(t, err)
	}
	isClosed := func(c net.Conn) bool {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err := c.Read(make([]byte, 1))
		return err != nil && !strings.Contains(err.Error(), "timeout")
	}
	silent := dial()
	time.Sleep(50 * time.Millisecond) // it is the one that has been idle for longest
	kept := dial()
	ask(kept, "/")
	require.Equal(t, 200, answerOn(t, kept).status)
	for range 2 {
		ask(dial(), "/busy")
	}
	time.Sleep(50 * time.Millisecond)
	fifth := dial()
	ask(fifth, "/")
	require.Equal(t, 200, answerOn(t, fifth).status)
	require.True(t, isClosed(silent), "who said nothing had to go")
	ask(kept, "/")
	require.Equal(t, 200, answerOn(t, kept).status, "others stay")
	ask(kept, "/busy")
	ask(fifth, "/busy")
	time.Sleep(50 * time.Millisecond)
	require.True(t, isClosed(dial()), "all have requests")
	close(release)
	require.Equal(t, 200, answerOn(t, kept).status)
}
