package jobs_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/contract"
	"github.com/lectern/lectern/runtime/host/command"
	"github.com/lectern/lectern/runtime/host/database"
	"github.com/lectern/lectern/runtime/host/jobs"
	"github.com/lectern/lectern/runtime/postgres/pgtest"
)

// process is a host in a process of its own: this test's binary, started again.
type process struct {
	CacheHost, CachePort         string
	Database                     contract.Database
	Username, Password, Instance string
	Jobs                         []contract.Job
}

const processVariable = "LECTERN_TEST_JOBS_HOST"

func TestMain(m *testing.M) {
	if text := os.Getenv(processVariable); text != "" {
		if err := beHost(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // they mostly wait, in real time
		panic(err)
	}
	os.Exit(m.Run())
}

func beHost(text string) error {
	var p process
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	db, err := database.Open(database.Options{Database: p.Database, Login: login(p.Username, p.Password)})
	if err != nil {
		return err
	}
	r, err := jobs.New(jobs.Options{
		Jobs: p.Jobs, Cache: cache.OpenValkey(cache.ValkeyOptions{Host: p.CacheHost, Port: p.CachePort}), Database: db, Commands: command.System{},
		Instance: p.Instance, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), LockLife: lockLife, Lease: lease,
	})
	if err != nil {
		return err
	}
	r.Run(context.Background())
	return nil
}

func (f *fleet) process(s *pgtest.Server, instance string, js ...contract.Job) (*exec.Cmd, *lines) {
	f.t.Helper()
	text, err := json.Marshal(process{
		CacheHost: f.cache.Host(), CachePort: f.cache.Port(), Database: f.options.Database, Username: pgtest.User, Password: s.Password, Instance: instance, Jobs: js,
	})
	require.NoError(f.t, err)
	self, err := os.Executable()
	require.NoError(f.t, err)
	cmd, log := exec.Command(self), &lines{}
	cmd.Env = append(os.Environ(), processVariable+"="+string(text))
	cmd.Stderr = log
	require.NoError(f.t, cmd.Start())
	f.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if f.t.Failed() {
			f.t.Log(log.String())
		}
	})
	return cmd, log
}

// pid is the process of a command that wrote it, once it has.
func (f *fleet) pid() int {
	f.t.Helper()
	pid := 0
	require.Eventually(f.t, func() bool {
		for _, line := range f.written() {
			if text, ok := strings.CutPrefix(line, "pid "); ok {
				pid, _ = strconv.Atoi(text)
			}
		}
		return pid != 0
	}, 10*time.Second, 10*time.Millisecond)
	return pid
}

// lives says whether a process is there and is no zombie.
func lives(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func TestAHostKilledWithItsCommand(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	f := newFleet(t, s)
	job := f.writing("killed", everySecond, "0")
	slow := job
	slow.Run += fmt.Sprintf("\nsleep 20 & echo pid $! >> %s\nwait", f.out)
	first, _ := f.process(s, "killed-0", slow)
	pid := f.pid()
	require.True(t, lives(pid))
	h := f.host("killed-1", nil, job)
	require.NoError(t, first.Process.Kill())
	died := time.Now()
	require.Eventually(t, func() bool { return !lives(pid) }, time.Second, 5*time.Millisecond, "nothing of the command is left, though nobody was there to end it")
	f.eventually("killed", 15*time.Second, has(jobs.Succeeded, 3))
	require.Less(t, time.Since(died), lease+lockLife+5*time.Second)
	runs := f.list("killed")
	everySlot(t, runs)
	require.Equal(t, jobs.Lost, runs[0].Status)
	require.Equal(t, "killed-0", runs[0].Instance)
	require.GreaterOrEqual(t, runs[0].FinishedAt.Sub(died), lease/2)
	require.Equal(t, 1, count(runs, jobs.Lost))
	require.Equal(t, len(runs), f.once(), "what was lost is not repeated, and what was due meanwhile ran late")
	require.EqualValues(t, 1, h.lost.Load())
	require.Contains(t, h.log.String(), "a run of a job was lost")
}

func TestAHostThatStoodStill(t *testing.T) {
	t.Parallel()
	s := pgtest.Start(t)
	f := newFleet(t, s)
	job := f.writing("still", everySecond, "0")
	slow := job
	slow.Run += fmt.Sprintf("\nsleep 60 & echo pid $! >> %s\nwait", f.out)
	first, log := f.process(s, "still-0", slow)
	pid := f.pid()
	require.NoError(t, first.Process.Signal(syscall.SIGSTOP))
	f.host("still-1", nil, job)
	f.eventually("still", 15*time.Second, has(jobs.Lost, 1))
	f.eventually("still", 15*time.Second, has(jobs.Succeeded, 1))
	require.NoError(t, first.Process.Signal(syscall.SIGCONT))
	require.Eventually(t, func() bool { return !lives(pid) }, 5*time.Second, 5*time.Millisecond, "it found out and killed its command")
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "another instance took it for lost") }, 5*time.Second, 10*time.Millisecond)
	r := f.list("still")[0]
	require.Equal(t, jobs.Lost, r.Status)
	require.Contains(t, r.Reason, "not heard of", "what the other recorded stays")
	f.once()
}

func TestLosersDoNotAskTheDatabase(t *testing.T) {
	t.Parallel()
	s := pgtest.StartWith(t, map[string]string{"fsync": "off", "log_statement": "all", "log_destination": "stderr"})
	f := newFleet(t, s)
	asked := func() int {
		text, err := os.ReadFile(s.Log())
		require.NoError(t, err)
		n := 0
		for _, statement := range []string{"SELECT n.now", "INSERT INTO lectern.job_runs", "UPDATE lectern.job_runs"} {
			n += strings.Count(string(text), statement)
		}
		return n
	}
	for i := range 8 {
		f.host(fmt.Sprint("cheap-", i), nil, f.writing("cheap", everySecond, "0.05"))
	}
	before, slots := 0, 0
	f.eventually("cheap", 15*time.Second, has(jobs.Succeeded, 3))
	before, slots = asked(), len(f.list("cheap"))
	f.eventually("cheap", 15*time.Second, func(runs []jobs.Run) bool { return count(runs, jobs.Succeeded) >= slots+5 })
	each := float64(asked()-before) / 5
	t.Logf("%.1f statements a slot", each)
	require.InDelta(t, 3, each, 1, "three are the holder's: what is there, it begins, it ended")
}
