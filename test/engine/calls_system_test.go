//go:build system

package engine_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/test/iam/record"
	"github.com/lectern/lectern/test/load/learner"
	"github.com/lectern/lectern/test/servers"
)

// filmBytes is more than the engine puts into S3 in one request.
const filmBytes = 20 << 20

// TestCallsToAWS makes instances do all that they do with AWS, so that it is recorded: packages are uploaded, imported in
// several parts, refused, removed and queued again, and content is read. Once on instances that do everything, once on
// web instances beside workers.
func TestCallsToAWS(t *testing.T) {
	for name, roles := range map[string][]contract.Role{
		"one for all":    {contract.RoleWeb},
		"beside workers": {contract.RoleWeb, contract.RoleWorker},
	} {
		t.Run(name, func(t *testing.T) { startRecorded(t, roles).everything(t) })
	}
}

// recorded are instances, one of each role.
type recorded struct {
	base   string // of the one that serves
	db     *pgtest.Server
	api    *learner.API
	worker *record.Recorder // of the one that works off the queue
}

func startRecorded(t *testing.T, roles []contract.Role) *recorded {
	t.Helper()
	f := &recorded{db: pgtest.Start(t)}
	binary, endpoint := servers.BuildRuntime(t), servers.StartAWS(t)
	c := servers.ProvisionEngine(t, endpoint, f.db)
	c.Cache = contract.Cache{Engine: contract.CacheValkey, Host: "127.0.0.1", Port: strconv.Itoa(servers.StartRedis(t).Port)}
	c.Queue.Dedicated = len(roles) > 1
	port := servers.FreePort(t)
	f.base = "http://" + servers.Loopback(port)
	c.PublicURL, c.PlayerURL = f.base, servers.Players(port)
	for i, role := range roles {
		c.Role, c.Port = role, port
		if i > 0 {
			c.Port = servers.FreePort(t)
		}
		env, recorder := servers.RecordEngine(t, endpoint, c)
		f.worker = recorder // the last is the one that works, also where it is the only one
		document, err := c.JSON()
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), string(role)+".json")
		require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
		servers.Start(t, env, binary, "serve", "--config", file, "--metrics-listen", "", "--log-level", "warn")
		health := "http://" + servers.Loopback(c.Port) + contract.HealthPath
		servers.Await(t, string(role)+" is healthy", func() bool { return servers.Answers(health) })
		if i == 0 {
			f.api = &learner.API{Base: f.base, Key: newKey(t, env, binary, file), HTTP: newClient()}
		}
	}
	return f
}

func newKey(t *testing.T, env []string, binary, config string) string {
	t.Helper()
	key := ""
	for _, args := range [][]string{{"tenant", "add", "acme", "--name", "Acme"}, {"key", "add", "acme", "--name", "tests", "--scope", "read,write"}} {
		cmd := exec.Command(binary, append(args, "--config", config)...)
		cmd.Env = env
		text, err := cmd.Output()
		require.NoError(t, err, "%s", text)
		key = strings.TrimSpace(string(text))
	}
	return key
}

func (f *recorded) everything(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	whole := film(t, crc32.ChecksumIEEE)
	course, err := f.api.Import(ctx, "film.zip", int64(len(whole)), bytes.NewReader(whole))
	require.NoError(t, err)

	damaged := film(t, func([]byte) uint32 { return 0 })
	_, err = f.api.Import(ctx, "damaged.zip", int64(len(damaged)), bytes.NewReader(damaged))
	require.ErrorContains(t, err, "the import was refused")

	f.requireContent(ctx, t, course)

	// An import whose message was lost is queued again.
	f.db.Exec("UPDATE imports SET state = 'queued', queued_at = now() - interval '1 hour', finished_at = NULL, lease_until = NULL")
	for _, operation := range []string{"sqs:SendMessage", "s3:AbortMultipartUpload", "s3:CompleteMultipartUpload", "s3:DeleteObjects", "s3:DeleteObject"} {
		servers.Await(t, "an instance calls "+operation, func() bool { return f.worker.Seen(operation) })
	}
}

// film is a package with a file that is stored in several parts. sum is what the archive says about it.
func film(t *testing.T, sum func([]byte) uint32) []byte {
	t.Helper()
	pictures := bytes.Repeat([]byte("film"), filmBytes/4)
	var small, out bytes.Buffer
	require.NoError(t, learner.WritePackage(&small, nil))
	from, err := zip.NewReader(bytes.NewReader(small.Bytes()), int64(small.Len()))
	require.NoError(t, err)
	to := zip.NewWriter(&out)
	for _, entry := range from.File {
		require.NoError(t, to.Copy(entry))
	}
	w, err := to.CreateRaw(&zip.FileHeader{
		Name: "film.mp4", Method: zip.Store, CRC32: sum(pictures), CompressedSize64: filmBytes, UncompressedSize64: filmBytes,
	})
	require.NoError(t, err)
	_, err = w.Write(pictures)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return out.Bytes()
}

// requireContent reads a file of the course as a browser does without a CDN: once, then a part of it.
func (f *recorded) requireContent(ctx context.Context, t *testing.T, course string) {
	t.Helper()
	registration, err := f.api.Register(ctx, course, "4711")
	require.NoError(t, err)
	link, err := f.api.Link(ctx, registration)
	require.NoError(t, err)
	opened, err := learner.Redeem(ctx, f.api.HTTP, f.base, link)
	require.NoError(t, err)
	for _, part := range []string{"", "bytes=5-9"} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.base+opened.ContentBase+"film.mp4", nil)
		require.NoError(t, err)
		request.Host = opened.Host
		if part != "" {
			request.Header.Set("Range", part)
		}
		answer, err := f.api.HTTP.Do(request)
		require.NoError(t, err)
		read, err := io.Copy(io.Discard, answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, 2, answer.StatusCode/100, fmt.Sprint(part, " ", opened.ContentBase))
		require.Positive(t, read)
	}
}
