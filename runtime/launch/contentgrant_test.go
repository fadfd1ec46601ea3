package launch_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
)

var update = flag.Bool("update", false, "sign the grants of testdata/content-grants.json anew")

// contentGrants is testdata/content-grants.json: requests for content and what becomes of them. Go here and JavaScript at
// the edge are held to the same table. PATH holds {GRANT} where the grant stands.
type contentGrants struct {
	Current  string            `json:"currentSecret"`  // hex
	Previous string            `json:"previousSecret"` // hex
	Other    string            `json:"otherSecret"`    // hex; signs what must be refused
	Keys     map[string]string `json:"keys"`           // what the edge knows
	Requests []contentRequest  `json:"requests"`
}

type contentRequest struct {
	Name    string    `json:"name"`
	Secret  string    `json:"secret"` // current, previous or other: what the grant is signed with
	Host    string    `json:"host"`   // what the grant is for, like Tenant and Content
	Tenant  string    `json:"tenant"`
	Content string    `json:"content"`
	Expires time.Time `json:"expires"`
	Now     time.Time `json:"now"`
	// SentHost is the Host header as the browser sends it.
	SentHost string `json:"sentHost"`
	// ServiceWorker: the browser asks for the script of one, with the header Service-Worker: script.
	ServiceWorker bool `json:"serviceWorker,omitempty"`

	Path    string `json:"path"`          // as the browser asks, with {GRANT}, {GRANT:cut} or {GRANT:forged}
	Sent    string `json:"sent"`          // Path with the grant in it
	Outcome string `json:"outcome"`       // served, gone, unauthorized or not-found
	Key     string `json:"key,omitempty"` // of the object that is served
}

const contentGrantsFile = "testdata/content-grants.json"

func TestContentGrants(t *testing.T) {
	table := readContentGrants(t)
	current, previous, other := unhex(t, table.Current), unhex(t, table.Previous), unhex(t, table.Other)
	k := keys(t, current, previous)
	signers := map[string]*launch.Keys{"current": k, "previous": keys(t, previous, nil), "other": keys(t, other, nil)}

	known := map[string]string{}
	for _, key := range k.GrantKeys() {
		known[key.ID] = key.Value
	}
	for i, r := range table.Requests {
		grant := signers[r.Secret].SignGrant(r.Host, r.Tenant, r.Content, r.Expires)
		table.Requests[i].Sent = strings.NewReplacer(
			"{GRANT}", grant, "{GRANT:cut}", grant[:len(grant)-1], "{GRANT:forged}", forged(grant),
			"{GRANT:upper}", strings.ToUpper(grant), "{GRANT:nokey}", strings.Join([]string{strings.Split(grant, ".")[0], "", strings.Split(grant, ".")[2]}, "."),
		).Replace(r.Path)
	}
	if *update {
		table.Keys = known
		writeContentGrants(t, table)
	}
	recorded := readContentGrants(t)
	require.Equal(t, known, recorded.Keys, "the key of grants has another derivation now: links of before the deployment would be refused; -update if that is meant")

	for i, r := range recorded.Requests {
		t.Run(r.Name, func(t *testing.T) {
			require.Equal(t, table.Requests[i].Sent, r.Sent, "grants look otherwise now; -update if that is meant")
			outcome, key := serve(k, r)
			require.Equal(t, r.Outcome, outcome)
			require.Equal(t, r.Key, key)
		})
	}
}

// serve is what a handler of content does before it reads anything.
func serve(k *launch.Keys, r contentRequest) (outcome, key string) {
	header := http.Header{}
	if r.ServiceWorker {
		header.Set("Service-Worker", "script")
	}
	grant, tenant, contentID, file, err := launch.ParseContentPath(r.Sent)
	if err == nil {
		err = launch.RefuseServiceWorker(header)
	}
	if err == nil {
		err = k.CheckGrant(grant, r.SentHost, tenant, contentID, r.Now)
	}
	if err != nil {
		return string(fault.CodeOf(err)), ""
	}
	return "served", content.FilePrefix(tenant, contentID) + file
}

func TestAContentPathSurvivesTheRoundTrip(t *testing.T) {
	for _, file := range []string{
		"index.html", "a/b/c.js", "with space/ä ö/日本.html", "100%.html", "a%20b.html", "a+b.html", "q?x#y.html", "it's (1)!*.html", "~x;v=1,2/@:&=$.html", "...", "..a",
	} {
		grant, tenant, contentID, got, err := launch.ParseContentPath(launch.ContentPath("g", "acme", "c1", file))
		require.NoError(t, err, file)
		require.Equal(t, []string{"g", "acme", "c1", file}, []string{grant, tenant, contentID, got})
	}
	require.Equal(t, "/content/g/acme/c1/", launch.ContentPath("g", "acme", "c1", ""))
}

// Whatever is accepted stays below its folder.
func FuzzParseContentPath(f *testing.F) {
	for _, r := range []string{"/content/g/t/c/a%20b/c.html", "/content/g/t/c/%2e%2e/x", "/content/g/t/c/%252e", "/content/", ""} {
		f.Add(r)
	}
	f.Fuzz(func(t *testing.T, path string) {
		_, tenant, contentID, file, err := launch.ParseContentPath(path)
		if err != nil {
			require.Equal(t, fault.NotFound, fault.CodeOf(err))
			return
		}
		prefix := content.FilePrefix(tenant, contentID)
		require.Equal(t, prefix+file, filepath.Clean(prefix+file))
		require.Equal(t, 2, strings.Count(strings.TrimSuffix(strings.TrimPrefix(prefix, "content/"), "/"), "/")+1)
		_, _, _, again, err := launch.ParseContentPath(launch.ContentPath("g", tenant, contentID, file))
		require.NoError(t, err)
		require.Equal(t, file, again)
	})
}

func forged(grant string) string {
	last := "A"
	if strings.HasSuffix(grant, last) {
		last = "E"
	}
	return grant[:len(grant)-1] + last
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	value, err := hex.DecodeString(text)
	require.NoError(t, err)
	return value
}

func readContentGrants(t *testing.T) contentGrants {
	t.Helper()
	text, err := os.ReadFile(contentGrantsFile)
	require.NoError(t, err)
	var table contentGrants
	require.NoError(t, json.Unmarshal(text, &table))
	require.NotEmpty(t, table.Requests)
	return table
}

func writeContentGrants(t *testing.T, table contentGrants) {
	t.Helper()
	file, err := os.Create(contentGrantsFile)
	require.NoError(t, err)
	defer file.Close()
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(table))
}
