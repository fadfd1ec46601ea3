package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
	"github.com/lectern/lectern/runtime/secrets"
)

// Timings of tests: everything ten times as fast.
const (
	lockLife = time.Second
	lease    = 3 * time.Second
)

// fleet is hosts in this process with a cache and a database that they share, and a file to which their jobs write.
type fleet struct {
	t       *testing.T
	cache   *miniredis.Miniredis
	options database.Options
	db      *database.DB
	records *jobs.Records
	out     string
}

func newFleet(t *testing.T, s *pgtest.Server) *fleet {
	return fleetOn(t, database.Options{
		Database: contract.Database{Engine: contract.EnginePostgres, Host: s.Host, Port: s.Port, Name: pgtest.Database, TLSMode: contract.TLSDisable},
		AppName:  "test", Login: login(pgtest.User, s.Password),
	})
}

func fleetOn(t *testing.T, o database.Options) *fleet {
	f := &fleet{t: t, cache: miniredis.RunT(t), options: o, out: filepath.Join(t.TempDir(), "out")}
	f.db = f.open(o)
	f.records = jobs.NewRecords(f.db)
	require.NoError(t, os.WriteFile(f.out, nil, 0o600))
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	go func() { // the server of these tests does not know the time by itself
		const step = 50 * time.Millisecond
		for tick := time.Tick(step); ; {
			select {
			case <-stop:
				return
			case <-tick:
				f.cache.FastForward(step)
			}
		}
	}()
	return f
}

func login(username, password string) *secrets.Secret[secrets.Login] {
	text, _ := json.Marshal(secrets.Login{Username: username, Password: password})
	return secrets.New(func(context.Context) (string, error) { return string(text), nil }, secrets.DecodeLogin, 0)
}

func (f *fleet) open(o database.Options) *database.DB {
	f.t.Helper()
	db, err := database.Open(o)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { _ = db.Close() })
	return db
}

// member is a host.
type member struct {
	name string
	log  *lines
	lost atomic.Int64
	stop context.CancelFunc
	done chan struct{}
}

// host starts one.
func (f *fleet) host(name string, change func(*jobs.Options), js ...contract.Job) *member {
	f.t.Helper()
	m := &member{name: name, log: &lines{}, done: make(chan struct{})}
	v := cache.OpenValkey(cache.ValkeyOptions{Host: f.cache.Host(), Port: f.cache.Port()})
	f.t.Cleanup(func() { _ = v.Close() })
	o := jobs.Options{
		Jobs: js, Cache: v, Database: f.open(f.options), Commands: command.System{}, Dir: filepath.Dir(f.out), Instance: name,
		Log:         slog.New(slog.NewTextHandler(m.log, nil)).With("host", name),
		ObserveLost: func(string) { m.lost.Add(1) },
		LockLife:    lockLife, Lease: lease, DrainLimit: 10 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	r, err := jobs.New(o)
	require.NoError(f.t, err)
	var ctx context.Context
	ctx, m.stop = context.WithCancel(context.Background())
	go func() { r.Run(ctx); close(m.done) }()
	f.t.Cleanup(func() {
		m.leave()
		if f.t.Failed() {
			f.t.Log(m.log.String())
		}
	})
	return m
}

func (m *member) leave() {
	m.stop()
	<-m.done
}

// writing is a job that writes when it begins and ends, and takes a while.
func (f *fleet) writing(name, schedule, seconds string) contract.Job {
	return contract.Job{Name: name, Schedule: schedule, LimitSeconds: 20,
		Run: fmt.Sprintf("echo begin $LECTERN_SLOT $LECTERN_TOKEN >> %s\nsleep %s\necho end $LECTERN_SLOT $LECTERN_TOKEN >> %s", f.out, seconds, f.out)}
}

// runs is what the jobs wrote: begin and end of each slot.
func (f *fleet) written() []string {
	f.t.Helper()
	text, err := os.ReadFile(f.out)
	require.NoError(f.t, err)
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// once checks that no two runs overlapped, that no slot began twice, and that slots began in order; the answer is how
// many began. The commands of interrupted slots were killed and wrote no end.
func (f *fleet) once() int {
	f.t.Helper()
	began, last := 0, ""
	open := ""
	for _, line := range f.written() {
		fields := strings.Fields(line)
		if len(fields) != 3 {
			continue
		}
		slot := fields[1]
		switch fields[0] {
		case "begin":
			require.Less(f.t, last, slot, "in order and once:\n%s", strings.Join(f.written(), "\n"))
			open, last = slot, slot
			began++
		case "end":
			require.Equal(f.t, open, slot, "overlap:\n%s", strings.Join(f.written(), "\n"))
			open = ""
		}
	}
	return began
}

func (f *fleet) list(job string) []jobs.Run {
	f.t.Helper()
	runs, err := f.records.List(f.t.Context(), job, false, 1000)
	require.NoError(f.t, err)
	sort.Slice(runs, func(i, j int) bool { return runs[i].Slot.Before(runs[j].Slot) })
	return runs
}

// eventually waits until the records of a job are as wanted.
func (f *fleet) eventually(job string, within time.Duration, ok func([]jobs.Run) bool) []jobs.Run {
	f.t.Helper()
	var runs []jobs.Run
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var err error
		if runs, err = f.records.List(f.t.Context(), job, false, 1000); err == nil && ok(runs) {
			return runs
		}
	}
	require.Fail(f.t, "the records never got there", "%v", runs)
	return nil
}

// everySlot checks that there is a record of every second from the first to the last.
func everySlot(t *testing.T, runs []jobs.Run) {
	t.Helper()
	for i := 1; i < len(runs); i++ {
		require.Equal(t, time.Second, runs[i].Slot.Sub(runs[i-1].Slot), "%v %v", runs[i-1], runs[i])
	}
}

func count(runs []jobs.Run, s jobs.Status) int {
	n := 0
	for _, r := range runs {
		if r.Status == s {
			n++
		}
	}
	return n
}

func has(s jobs.Status, atLeast int) func([]jobs.Run) bool {
	return func(runs []jobs.Run) bool { return count(runs, s) >= atLeast }
}

// in is the schedule that is due once, at a whole second at least d from now.
func in(d time.Duration) string {
	at := time.Now().UTC().Add(d + time.Second).Truncate(time.Second)
	return fmt.Sprintf("%d %d %d * * *", at.Second(), at.Minute(), at.Hour())
}

// lines is a log that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
