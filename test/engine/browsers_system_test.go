//go:build system

package engine_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

const browserTabs = 3

// browsers are learners in a real Chromium beside those of package learner.
type browsers struct {
	links         []string
	registrations map[string]string // by link
	cmd           *exec.Cmd
	out           *bufio.Reader
}

// startBrowsers returns when all have their course open.
func startBrowsers(ctx context.Context, t *testing.T, api *learner.API, course string) *browsers {
	t.Helper()
	b := &browsers{registrations: map[string]string{}}
	for i := range browserTabs {
		registration, err := api.Register(ctx, course, fmt.Sprintf("browser-%d", i))
		require.NoError(t, err)
		link, err := api.Link(ctx, registration)
		require.NoError(t, err)
		b.links = append(b.links, link)
		b.registrations[link] = registration
	}
	b.cmd = exec.CommandContext(ctx, "../../node_modules/.bin/node", "browsers.mjs")
	b.cmd.Env = append(os.Environ(), "LINKS="+strings.Join(b.links, ","), fmt.Sprintf("SECONDS=%.0f", underFire.Seconds()),
		"CHROMIUM="+servers.Program(t, cmp.Or(os.Getenv("CHROMIUM"), "chromium"), "apt-get install chromium"))
	b.cmd.Stderr = os.Stderr
	out, err := b.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, b.cmd.Start())
	b.out = bufio.NewReader(out)
	_, err = b.out.ReadString('\n')
	require.NoError(t, err, "the browsers did not open their courses")
	return b
}

// compare waits for the browsers and returns how many commits they made.
func (b *browsers) compare(t *testing.T, api *learner.API) (commits int) {
	t.Helper()
	var last map[string]int
	require.NoError(t, json.NewDecoder(b.out).Decode(&last), "the browsers did not get to their end")
	require.NoError(t, b.cmd.Wait())
	require.Len(t, last, browserTabs)
	for link, bookmark := range last {
		a := attemptOf(t, api, b.registrations[link])
		require.Equal(t, strconv.Itoa(bookmark), a.Activities[0].CMI["cmi.core.lesson_location"], "the last bookmark that a browser has set")
		commits += bookmark
	}
	return commits
}

type attemptData struct {
	Activities []struct {
		CMI     map[string]string
		Commits int64
	}
}

func attemptOf(t *testing.T, api *learner.API, registration string) attemptData {
	t.Helper()
	var attempts struct {
		Items []struct{ ID string }
	}
	require.NoError(t, api.Call(context.Background(), http.MethodGet, "/api/v1/registrations/"+registration+"/attempts", nil, &attempts))
	require.Len(t, attempts.Items, 1)
	var a attemptData
	require.NoError(t, api.Call(context.Background(), http.MethodGet, "/api/v1/attempts/"+attempts.Items[0].ID, nil, &a))
	require.Len(t, a.Activities, 1)
	return a
}
