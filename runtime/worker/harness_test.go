package worker_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

// engine is what imports need: a real PostgreSQL, and a folder.
type engine struct {
	t        testing.TB
	server   *pgtest.Server
	database string
	db       *postgres.DB
	dir      string
	store    *objectstore.Folder
	course   string
}

const acme = "acme"

// TestOnPostgreSQL runs every test that needs a database, each on one of its own in a server that they share.
func TestOnPostgreSQL(t *testing.T) {
	server := pgtest.Start(t)
	for i, c := range []struct {
		name string
		test func(*testing.T, *engine)
	}{
		{"An import", testAnImport},
		{"A course that lies one folder down", testACourseThatLiesOneFolderDown},
		{"What is refused leaves nothing", testWhatIsRefusedLeavesNothing},
		{"A store that fails now and then", testAStoreThatFailsNowAndThen},
		{"A store that is down is no refusal", testAStoreThatIsDownIsNoRefusal},
		{"An instance that stops gives its import back", testAnInstanceThatStopsGivesItsImportBack},
		{"A panic ends the attempt alone", testAPanicEndsTheAttemptAlone},
		{"Thousands of files", testThousandsOfFiles},
		{"Events are delivered signed and again after a failure", testEventsAreDeliveredSignedAndAgainAfterAFailure},
		{"Deliveries that are given up", testDeliveriesThatAreGivenUp},
		{"Nothing is sent into the services own network", testNothingIsSentIntoTheServicesOwnNetwork},
		{"What a failed connection says", testWhatAFailedConnectionSays},
		{"A worker is killed and another finishes", testAWorkerIsKilledAndAnotherFinishes},
		{"A worker that slept learns that it is fenced off", testAWorkerThatSleptLearnsThatItIsFencedOff},
		{"Few large files are stored at once", testFewLargeFilesAreStoredAtOnce},
		{"Memory stays flat", testMemoryStaysFlat},
		{"Real packages", testRealPackages},
		{"The sweeper", testTheSweeper},
		{"One tenant's imports leave another's place", testOneTenantsImportsLeaveAnothersPlace},
		{"One tenant's webhooks leave another's place", testOneTenantsWebhooksLeaveAnothersPlace},
		{"A webhook that fails is left alone", testAWebhookThatFailsIsLeftAlone},
		{"An erased course ends its import", testAnErasedCourseEndsItsImport},
		{"An eraser is killed anywhere and another finishes", testAnEraserIsKilledAnywhereAndAnotherFinishes},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, start(t, server, fmt.Sprintf("test_%d", i))) })
	}
}

func start(t testing.TB, server *pgtest.Server, database string) *engine {
	t.Helper()
	server.Exec("CREATE DATABASE " + database)
	e := &engine{t: t, server: server, database: database, dir: t.TempDir(), course: newID()}
	e.db = openDB(t, server, database)
	t.Cleanup(e.db.Close)
	require.NoError(t, e.db.Migrate(t.Context()))
	e.store = openFolder(t, e.dir)
	require.NoError(t, e.db.CreateTenant(t.Context(), tenant.Tenant{ID: acme, Name: "Acme", CreatedAt: time.Now()}))
	require.NoError(t, e.db.CreateCourse(t.Context(), content.Course{ID: e.course, TenantID: acme, CreatedAt: time.Now()}))
	return e
}

func openDB(t testing.TB, server *pgtest.Server, database string) *postgres.DB {
	t.Helper()
	login, err := json.Marshal(map[string]string{"username": pgtest.User, "password": server.Password})
	require.NoError(t, err)
	db, err := postgres.Open(context.Background(), postgres.Options{
		Host: server.Host, Port: server.Port, Name: database, AppName: "test", MaxConns: 4,
		Login: secrets.New(func(context.Context) (string, error) { return string(login), nil }, secrets.DecodeLogin, 0),
	})
	require.NoError(t, err)
	return db
}

// exec does to the database what only time does otherwise.
func (e *engine) exec(sql string) {
	e.t.Helper()
	c, err := e.db.Acquire(e.t.Context())
	require.NoError(e.t, err)
	defer c.Release()
	_, err = c.Exec(e.t.Context(), sql)
	require.NoError(e.t, err)
}

func openFolder(t testing.TB, dir string) *objectstore.Folder {
	t.Helper()
	f, err := objectstore.OpenFolder(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// importer has the folder, or a store around it, and a short patience.
func (e *engine) importer(store objectstore.Port) *worker.Importer {
	return &worker.Importer{DB: e.db, Store: store, TempDir: e.t.TempDir(), Lease: time.Minute, Retry: time.Millisecond, Log: quiet()}
}

// upload is a queued import of a package.
func (e *engine) upload(fileName string, r io.Reader, size int64) (importID string) {
	e.t.Helper()
	return e.uploadAs(content.Import{FileName: fileName}, r, size)
}

// uploadSkeleton is a queued import of a package whose launch files may be missing.
func (e *engine) uploadSkeleton(fileName string, data []byte) (importID string) {
	e.t.Helper()
	return e.uploadAs(content.Import{FileName: fileName, Skeleton: true}, bytes.NewReader(data), int64(len(data)))
}

func (e *engine) uploadAs(i content.Import, r io.Reader, size int64) string {
	e.t.Helper()
	ctx, id := e.t.Context(), newID()
	i.ID, i.TenantID, i.CourseID, i.State, i.CreatedAt = id, acme, e.course, content.ImportWaiting, time.Now()
	require.NoError(e.t, e.db.CreateCourse(ctx, content.Course{ID: e.course, TenantID: acme, CreatedAt: time.Now()})) // a refused import has taken it away
	require.NoError(e.t, e.db.CreateImport(ctx, i))
	require.NoError(e.t, e.store.Put(ctx, content.UploadKey(acme, id), r, size, "application/zip"))
	require.NoError(e.t, e.db.QueueImport(ctx, acme, id))
	return id
}

func (e *engine) uploadBytes(fileName string, data []byte) (importID string) {
	e.t.Helper()
	return e.upload(fileName, bytes.NewReader(data), int64(len(data)))
}

// result is a finished import, and its version if it succeeded.
func (e *engine) result(id string) (content.Import, content.Version) {
	e.t.Helper()
	i, err := e.db.Import(e.t.Context(), acme, id)
	require.NoError(e.t, err)
	if i.State != content.ImportSucceeded {
		return i, content.Version{}
	}
	v, err := e.db.Version(e.t.Context(), acme, e.course, i.Version)
	require.NoError(e.t, err)
	return i, v
}

// objects is how many objects the store holds. Pieces that a killed process was writing lie beside them, and the store
// removes them in time.
func (e *engine) objects() int {
	e.t.Helper()
	n := 0
	require.NoError(e.t, filepath.WalkDir(filepath.Join(e.dir, "objects"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	}))
	return n
}

// file is the text and the content type of a file of a version.
func (e *engine) file(v content.Version, name string) (text, kind string) {
	e.t.Helper()
	o, err := e.store.Get(e.t.Context(), content.FilePrefix(acme, v.ContentID)+name, 0, -1)
	require.NoError(e.t, err, name)
	defer o.Body.Close()
	data, err := io.ReadAll(o.Body)
	require.NoError(e.t, err)
	return string(data), o.ContentType
}

func (e *engine) require(i content.Import, state content.ImportState) {
	e.t.Helper()
	require.Equal(e.t, state, i.State, "%+v", i.Report)
}

func rules(r *content.Report) []string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.Rule)
	}
	return list
}

// manifest12 is a SCORM 1.2 course of one SCO.
const manifest12 = `<?xml version="1.0" encoding="utf-8"?>
<manifest identifier="course" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="org"><organization identifier="org"><title>Fire safety</title>
    <item identifier="item" identifierref="res"><title>Fire safety</title></item></organization></organizations>
  <resources><resource identifier="res" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource></resources>
</manifest>`

// writeCourse writes a package of n pages besides the manifest and the start page.
func writeCourse(w io.Writer, prefix string, n int) error {
	z := zip.NewWriter(w)
	add := func(name, text string) error {
		f, err := z.Create(prefix + name)
		if err == nil {
			_, err = io.WriteString(f, text)
		}
		return err
	}
	if err := add("imsmanifest.xml", manifest12); err != nil {
		return err
	}
	if err := add("index.html", "<!doctype html><title>Fire safety</title>"); err != nil {
		return err
	}
	for i := range n {
		if err := add(fmt.Sprintf("pages/page-%04d.html", i), strings.Repeat("<p>text", i%50)); err != nil {
			return err
		}
	}
	return z.Close()
}

func course(t testing.TB, prefix string, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, writeCourse(&b, prefix, n))
	return b.Bytes()
}

func TestMain(m *testing.M) {
	if os.Getenv(processEnv) != "" {
		os.Exit(workerProcess())
	}
	os.Exit(m.Run())
}
