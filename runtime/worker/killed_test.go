package worker_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/secrets"
	"github.com/lectern/lectern/runtime/worker"
)

// processEnv makes the test binary a worker: one import, in a process that can be killed.
const processEnv = "LECTERN_TEST_WORKER"

// order is what a worker process does.
type order struct {
	Host, Port, User, Password, Database string
	Dir, Import                          string
	Lease                                time.Duration
	// Statement makes it erase instead, and stop before the statement of this number (1, 2, …); or at its n-th removal of objects.
	Statement, Removal int
	// At is where it says so on its output and stays, until it is killed or goes on after SIGCONT.
	At string
}

const (
	atFetch  = "fetch"  // the upload is about to be read
	atStore  = "store"  // some files are stored
	atRemove = "remove" // a refused package's files are about to be removed
	atUpload = "upload" // all is done but removing the upload
)

// halting stops at one point, for ever or until the process is continued.
type halting struct {
	objectstore.Port
	order order
	puts  atomic.Int32
}

func (h *halting) halt(at string) {
	if h.order.At == at {
		fmt.Println("here")
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		time.Sleep(100 * time.Millisecond) // threads stop one after another
	}
}

func (h *halting) Get(ctx context.Context, key string, offset, length int64) (objectstore.Object, error) {
	h.halt(atFetch)
	return h.Port.Get(ctx, key, offset, length)
}

func (h *halting) Put(ctx context.Context, key string, r io.Reader, size int64, kind string) error {
	if h.puts.Add(1) == 20 {
		h.halt(atStore)
	}
	return h.Port.Put(ctx, key, r, size, kind)
}

func (h *halting) DeletePrefix(ctx context.Context, prefix string) error {
	if strings.HasPrefix(prefix, "uploads/") {
		h.halt(atUpload)
	} else {
		h.halt(atRemove)
	}
	return h.Port.DeletePrefix(ctx, prefix)
}

func workerProcess() int {
	var o order
	err := json.Unmarshal([]byte(os.Getenv(processEnv)), &o)
	if err == nil {
		err = o.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (o order) run() error {
	login, err := json.Marshal(map[string]string{"username": o.User, "password": o.Password})
	if err != nil {
		return err
	}
	ctx := context.Background()
	db, err := postgres.Open(ctx, postgres.Options{
		Host: o.Host, Port: o.Port, Name: o.Database, AppName: "worker", MaxConns: 2,
		Login:  secrets.New(func(context.Context) (string, error) { return string(login), nil }, secrets.DecodeLogin, 0),
		Tracer: &haltingAt{at: int64(o.Statement)},
	})
	if err != nil {
		return err
	}
	defer db.Close()
	folder, err := objectstore.OpenFolder(o.Dir)
	if err != nil {
		return err
	}
	if o.Statement > 0 || o.Removal > 0 {
		return o.erase(ctx, db, folder)
	}
	im := &worker.Importer{DB: db, Store: &halting{Port: folder, order: o}, Lease: o.Lease, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	return im.Import(ctx, acme, o.Import)
}

// process starts a worker and waits until it is where it should be.
func (e *engine) process(id, at string) *exec.Cmd {
	e.t.Helper()
	cmd, line := e.begin(order{Import: id, Lease: time.Second, At: at})
	require.Equal(e.t, "here\n", line)
	return cmd
}

// begin starts a process, and returns the first line that it says; "" if it ended without one.
func (e *engine) begin(o order) (*exec.Cmd, string) {
	e.t.Helper()
	o.Host, o.Port, o.User, o.Password, o.Database, o.Dir = e.server.Host, e.server.Port, pgtest.User, e.server.Password, e.database, e.dir
	text, err := json.Marshal(o)
	require.NoError(e.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), processEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(e.t, err)
	require.NoError(e.t, cmd.Start())
	e.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if !errors.Is(err, io.EOF) {
		require.NoError(e.t, err)
	}
	return cmd, line
}

func newQueue() *queue.Embedded { return queue.NewEmbedded(queue.EmbeddedOptions{}) }

// rescue runs a second instance, whose queue knows nothing: the sweeper finds the import.
func (e *engine) rescue(id string) {
	e.t.Helper()
	q, ctx := newQueue(), e.t.Context()
	ctx, stop := context.WithCancel(ctx)
	im := e.importer(e.store)
	loop := &worker.Loop{Queue: q, Log: quiet(), Handlers: map[string]worker.Handler{worker.KindImport: im.Handle}}
	sweeper := &worker.Sweeper{DB: e.db, Cache: cache.NewEmbedded(1 << 20), Queue: q, Every: 100 * time.Millisecond, Log: quiet()}
	done := make(chan struct{}, 2)
	go func() { loop.Run(ctx); done <- struct{}{} }()
	go func() { sweeper.Run(ctx); done <- struct{}{} }()
	require.Eventually(e.t, func() bool {
		i, _ := e.result(id)
		return i.FinishedAt != nil
	}, 30*time.Second, 50*time.Millisecond)
	stop()
	<-done
	<-done
}

func testAWorkerIsKilledAndAnotherFinishes(t *testing.T, e *engine) {
	for at, data := range map[string][]byte{atFetch: course(t, "", 100), atStore: course(t, "", 100), atRemove: []byte("no zip")} {
		t.Run("at "+at, func(t *testing.T) {
			e.t = t
			before := e.objects()
			id := e.uploadBytes("x.zip", data)
			cmd := e.process(id, at)
			if at == atStore {
				require.Greater(t, e.objects(), before+10, "it has stored something")
			}
			require.NoError(t, cmd.Process.Kill()) // SIGKILL
			_ = cmd.Wait()                         // it was killed
			i, _ := e.result(id)
			e.require(i, content.ImportRunning)

			e.rescue(id)
			i, v := e.result(id)
			require.Equal(t, 2, i.Attempts)
			if at == atRemove {
				e.require(i, content.ImportFailed)
				require.Equal(t, []string{"archive.not-a-zip"}, rules(i.Report))
			} else {
				e.require(i, content.ImportSucceeded)
				require.Equal(t, 102, v.Files)
			}
			require.Equal(t, before+v.Files, e.objects(), "nothing is left of the dead worker, nor of the upload")
		})
	}
	t.Run("at "+atUpload, func(t *testing.T) {
		e.t = t
		before := e.objects()
		id := e.uploadBytes("x.zip", course(t, "", 10))
		cmd := e.process(id, atUpload)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		i, _ := e.result(id)
		e.require(i, content.ImportSucceeded)
		require.Equal(t, before+13, e.objects(), "the upload is still there")
		require.NoError(t, e.importer(e.store).Import(t.Context(), acme, id), "its message comes back")
		again, _ := e.result(id)
		require.Equal(t, i, again)
		require.Equal(t, before+12, e.objects())
	})
}

// testAWorkerThatSleptLearnsThatItIsFencedOff: a process that was stopped, or an instance whose clock stood still, goes
// on storing after another has finished in its place.
func testAWorkerThatSleptLearnsThatItIsFencedOff(t *testing.T, e *engine) {
	id := e.uploadBytes("x.zip", course(t, "", 100))
	cmd := e.process(id, atStore)
	e.rescue(id)
	i, v := e.result(id)
	e.require(i, content.ImportSucceeded)
	require.Equal(t, 2, i.Attempts)

	require.NoError(t, cmd.Process.Signal(syscall.SIGCONT))
	require.NoError(t, cmd.Wait(), "it ends in peace")
	after, same := e.result(id)
	require.Equal(t, i, after)
	require.Equal(t, v, same)
	require.Equal(t, v.Files, e.objects(), "it removed what it had written")
}
