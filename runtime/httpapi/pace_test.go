package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/httpapi"
	"github.com/lectern/lectern/runtime/launch"
)

// hurry serves the same with deadlines for whole requests that have passed before a handler does anything.
func (s *service) hurry() {
	server := httptest.NewUnstartedServer(nil)
	server.Config = httpapi.NewServer(s.handler, discard())
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Nanosecond, time.Nanosecond
	server.Start()
	s.t.Cleanup(server.Close)
	s.base = server.URL
}

func TestUploadsAndDownloadsMayTakeAsLongAsTheyMove(t *testing.T) {
	s := newService(t)
	c := s.tenant()
	large := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB: more than what any buffer on the way holds
	in := s.course(c.tenant, oneSCO(content.SCORM12), map[string]string{"film.mp4": large})
	var made struct{ Import content.Import }
	c.send("POST", "/api/v1/imports", object{"fileName": "x.zip", "size": len(large)}).is(201, &made)
	documentOf(s)
	s.hurry()

	answer, err := http.Get(s.base + "/api/v1/me")
	if err == nil {
		answer.Body.Close()
	}
	require.Error(t, err, "these deadlines do bite")
	path := launch.ContentPath(s.grant(c.tenant, in.content), c.tenant, in.content, "film.mp4")
	require.Equal(t, large, s.with("").send("GET", path, nil).is(200).text)
	c.send("PUT", "/api/v1/imports/"+made.Import.ID+"/package", large).is(204)
}
