package httpapi_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
)

func (s *service) grant(tenantID, contentID string) string {
	return s.keys.SignGrant(s.players.Host(tenantID, s.courses[contentID]), tenantID, contentID, time.Now().Add(time.Hour))
}

func TestFilesAreServedAsBrowsersAskForThem(t *testing.T) {
	s := newService(t)
	const film = "0123456789"
	owner := s.tenant().tenant
	in := s.course(owner, oneSCO(content.SCORM12), map[string]string{"media/film.mp4": film, "index.html": "<p>", "empty.html": "", "sp ace/ä#1.html": "odd"})
	base := launch.ContentPath(s.grant(owner, in.content), owner, in.content, "")
	get := func(path string, header ...string) reply { return s.with("").send("GET", base+path, nil, header...) }

	got := get("media/film.mp4").is(200)
	require.Equal(t, film, got.text)
	require.Equal(t, "video/mp4", got.header.Get("Content-Type"))
	require.Equal(t, "10", got.header.Get("Content-Length"))
	require.Equal(t, "bytes", got.header.Get("Accept-Ranges"))
	require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	require.Equal(t, "same-origin", got.header.Get("Referrer-Policy"))
	require.Equal(t, "private, max-age=43200, immutable", got.header.Get("Cache-Control"))
	etag := got.header.Get("ETag")
	require.NotEmpty(t, etag)

	require.Empty(t, get("media/film.mp4", "If-None-Match", etag).is(304).text)
	require.Equal(t, film, get("media/film.mp4", "If-None-Match", `"other"`).is(200).text)
	part := get("media/film.mp4", "Range", "bytes=2-4").is(206)
	require.Equal(t, "234", part.text)
	require.Equal(t, "bytes 2-4/10", part.header.Get("Content-Range"))
	require.Equal(t, "3456789", get("media/film.mp4", "Range", "bytes=3-").is(206).text)
	require.Equal(t, "89", get("media/film.mp4", "Range", "bytes=-2").is(206).text)
	require.Equal(t, "34", get("media/film.mp4", "Range", "bytes=3-4", "If-Range", etag).is(206).text)
	require.Equal(t, film, get("media/film.mp4", "Range", "bytes=3-4", "If-Range", `"other"`).is(200).text)
	require.Contains(t, get("media/film.mp4", "Range", "bytes=0-1,8-9").is(206).text, "89")
	require.Equal(t, 416, get("media/film.mp4", "Range", "bytes=10-").status)

	head := s.with("").send("HEAD", base+"media/film.mp4", nil).is(200)
	require.Empty(t, head.text)
	require.Equal(t, "10", head.header.Get("Content-Length"))
	require.Equal(t, etag, head.header.Get("ETag"))
	require.Empty(t, get("empty.html").is(200).text)
	require.Equal(t, "odd", get("sp%20ace/%C3%A4%231.html").is(200).text)
	require.Equal(t, "<p>", get("index.html?cb=1#x").is(200).text)

	for _, missing := range []string{"", "media", "media/", "nothing.html", "INDEX.HTML"} {
		require.Equal(t, 404, get(missing).status, missing)
	}
	s.with("").send("POST", base+"index.html", `{}`).problem(405)
}

func TestContentIsOnlyForWhoHasAGrantForIt(t *testing.T) {
	s := newService(t)
	a, b := s.tenant().tenant, s.tenant().tenant
	one := s.course(a, oneSCO(content.SCORM12), map[string]string{"index.html": "one"})
	two := s.course(a, oneSCO(content.SCORM12), map[string]string{"index.html": "two"})
	other := s.course(b, oneSCO(content.SCORM12), map[string]string{"index.html": "other"})
	get := func(grant, owner, id, file string) int {
		status, text := s.raw(s.players.Host(a, one.course), "/content/"+grant+"/"+owner+"/"+id+"/"+file, 3)
		require.NotContains(t, text, "two")
		require.NotContains(t, text, "other")
		return status
	}
	g := s.grant(a, one.content)
	require.Equal(t, 200, get(g, a, one.content, "index.html"))
	require.Equal(t, 403, get(g, a, two.content, "index.html"), "another course of the tenant")
	require.Equal(t, 403, get(g, b, other.content, "index.html"), "another tenant")
	require.Equal(t, 403, get(g, b, one.content, "index.html"))
	require.Equal(t, 403, get("x", a, one.content, "index.html"))
	require.Equal(t, 403, get(g+"A", a, one.content, "index.html"))
	require.Equal(t, 403, get(s.keys.SignLink(a, one.content, time.Now().Add(time.Hour)), a, one.content, "index.html"))
	require.Equal(t, 410, get(s.keys.SignGrant(s.players.Host(a, one.course), a, one.content, time.Now().Add(-time.Second)), a, one.content, "index.html"))

	for _, path := range []string{
		"../" + two.content + "/index.html", "%2e%2e/" + two.content + "/index.html", "..%2f" + two.content + "%2findex.html", "%2e%2e%2f" + two.content + "/index.html",
		"..%5c" + two.content + "%5cindex.html", "%252e%252e/" + two.content + "/index.html", "./../" + two.content + "/index.html", "x/../../" + two.content + "/index.html",
		"..;/" + two.content + "/index.html", "%00", "index.html%00.png", "%c0%ae%c0%ae/" + two.content + "/index.html", "index.html/", "%2findex.html",
	} {
		status := get(g, a, one.content, path)
		require.Contains(t, []int{400, 403, 404}, status, path)
	}
}

// raw asks a host for a path exactly as it is written, which http.Client would not, and follows so many redirects, as a browser does: net/http's mux answers
// dots and doubled slashes with the address they amount to.
func (s *service) raw(host, path string, redirects int, header ...string) (status int, text string) {
	s.t.Helper()
	for ; ; redirects-- {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		require.NoError(s.t, err)
		defer conn.Close()
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n", path, host, strings.Join(header, "\r\n"))
		require.NoError(s.t, err)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(s.t, err)
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		require.NoError(s.t, err)
		if answer.StatusCode/100 != 3 || redirects == 0 {
			return answer.StatusCode, string(body)
		}
		path = answer.Header.Get("Location")
	}
}

// TestContentRequestsAreAnsweredAsAtTheEdge goes through the table that the function at the edge is tested with too.
func TestContentRequestsAreAnsweredAsAtTheEdge(t *testing.T) {
	text, err := os.ReadFile("../launch/testdata/content-grants.json")
	require.NoError(t, err)
	var table struct {
		CurrentSecret, PreviousSecret string
		Requests                      []struct {
			Name, Sent, SentHost, Outcome, Key string

			ServiceWorker bool
			Now           time.Time
		}
	}
	require.NoError(t, json.Unmarshal(text, &table))
	current, err := hex.DecodeString(table.CurrentSecret)
	require.NoError(t, err)
	previous, err := hex.DecodeString(table.PreviousSecret)
	require.NoError(t, err)
	keys, err := launch.NewKeys(current, previous)
	require.NoError(t, err)
	s := newService(t, func(e *engine) { e.Keys, e.PlayerURL = keys, "https://*.play.learn.example.com" })
	for _, r := range table.Requests {
		s.skew.Store(int64(time.Until(r.Now)))
		if r.Key != "" {
			require.NoError(t, s.store.Put(t.Context(), r.Key, strings.NewReader("x"), 1, "text/html"))
		}
		var header []string
		if r.ServiceWorker {
			header = []string{"Service-Worker: script", ""}
		}
		got, _ := s.raw(r.SentHost, r.Sent, 0, header...)
		if r.Outcome == "served" || r.Outcome == "gone" {
			require.Equal(t, map[string]int{"served": 200, "gone": 410}[r.Outcome], got, r.Name)
			continue
		}
		require.Contains(t, []int{307, 400, 403, 404}, got, r.Name) // 307 is the mux's for dots and doubled slashes
	}
}
