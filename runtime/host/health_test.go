package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host"
)

// fakePart is a part whose answer the test decides.
type fakePart struct {
	down  atomic.Bool
	asked atomic.Int64
}

func (p *fakePart) ask(context.Context) error {
	p.asked.Add(1)
	if p.down.Load() {
		return errors.New("connection refused by db-internal-name")
	}
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func body(t *testing.T, r host.Report) string {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	return string(text)
}

func TestTheStateTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db, store fakePart
		h := host.NewHealth(quiet(), host.HealthOptions{},
			host.Part{Name: "database", Well: "connected", Ask: db.ask}, host.Part{Name: "storage", Well: "accessible", Ask: store.ask})
		next := func() host.Report { time.Sleep(2 * time.Second); return h.Report(t.Context()) }

		db.down.Store(true)
		require.False(t, h.Ready(), "nobody has been asked")
		r := next()
		require.False(t, r.WantsTraffic())
		require.Equal(t, `{"status":"starting","database":"unreachable","storage":"accessible"}`, body(t, r))

		db.down.Store(false)
		store.down.Store(true)
		require.True(t, next().WantsTraffic(), "each has answered once, though never both at a time")
		require.Equal(t, `{"status":"degraded","database":"connected","storage":"unreachable"}`, body(t, next()))

		store.down.Store(false)
		require.Equal(t, `{"status":"ok","database":"connected","storage":"accessible"}`, body(t, next()))

		db.down.Store(true)
		r = next()
		require.True(t, r.WantsTraffic(), "a failover must not make the group replace healthy instances")
		require.True(t, h.Ready())
		require.Equal(t, `{"status":"degraded","database":"unreachable","storage":"accessible"}`, body(t, r))
		require.NotContains(t, body(t, r), "refused")

		h.Drain()
		r = next()
		require.False(t, r.WantsTraffic())
		require.False(t, h.Ready())
		require.Equal(t, `{"status":"draining","database":"unreachable","storage":"accessible"}`, body(t, r))
	})
}

// TestAnInstanceThatAloneIsUnwellIsReplaced and not one whose shared parts are away too.
func TestAnInstanceThatAloneIsUnwellIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db, app fakePart
		h := host.NewHealth(quiet(), host.HealthOptions{},
			host.Part{Name: "database", Well: "connected", Ask: db.ask}, host.Part{Name: "workload", Well: "answering", Local: true, Ask: app.ask})
		next := func() host.Report { time.Sleep(2 * time.Second); return h.Report(t.Context()) }
		is := func(rounds int, want string) {
			t.Helper()
			for range rounds {
				r := next()
				require.Equal(t, want, r.Status)
				wants := want == host.StateOK || want == host.StateDegraded
				require.Equal(t, wants, r.WantsTraffic())
				require.Equal(t, wants, h.Ready(), "both paths agree")
			}
		}
		app.down.Store(true)
		is(5, host.StateStarting)
		app.down.Store(false)
		is(1, host.StateOK)

		app.down.Store(true)
		is(2, host.StateDegraded)
		app.down.Store(false)
		is(1, host.StateOK)
		app.down.Store(true)
		is(2, host.StateDegraded) // a row that was broken begins again
		is(5, host.StateFailing)
		require.Equal(t, `{"status":"failing","database":"connected","workload":"unreachable"}`, body(t, next()))

		db.down.Store(true)
		is(10, host.StateDegraded)
		db.down.Store(false)
		is(59, host.StateDegraded) // it is given two minutes to find back to the database
		is(2, host.StateDegraded)
		is(1, host.StateFailing)
		app.down.Store(false)
		is(3, host.StateOK)

		db.down.Store(true)
		is(100, host.StateDegraded)
		db.down.Store(false)
		is(1, host.StateOK)

		app.down.Store(true)
		time.Sleep(3 * time.Minute)
		is(2, host.StateDegraded)
		is(1, host.StateFailing)
		h.Drain()
		is(1, host.StateDraining)
	})
}

func TestAStormOfChecksIsOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db fakePart
		h := host.NewHealth(quiet(), host.HealthOptions{}, host.Part{Name: "database", Well: "connected", Ask: func(ctx context.Context) error {
			time.Sleep(100 * time.Millisecond)
			return db.ask(ctx)
		}})
		storm := func() {
			var all sync.WaitGroup
			for range 200 {
				all.Go(func() { h.Report(t.Context()) })
			}
			all.Wait()
		}
		storm()
		storm()
		require.EqualValues(t, 1, db.asked.Load())
		time.Sleep(time.Second)
		storm()
		require.EqualValues(t, 2, db.asked.Load())
	})
}

func TestAPartThatHangsCostsTwoSecondsAndIsNotAskedTwiceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		release := make(chan struct{})
		h := host.NewHealth(quiet(), host.HealthOptions{}, host.Part{Name: "database", Well: "connected", Ask: func(context.Context) error {
			asked.Add(1)
			<-release // heeds no context
			return nil
		}})
		start := time.Now()
		require.Contains(t, body(t, h.Report(t.Context())), host.Unreachable)
		require.Equal(t, 2*time.Second, time.Since(start))
		time.Sleep(5 * time.Second)
		require.Contains(t, body(t, h.Report(t.Context())), host.Unreachable)
		require.EqualValues(t, 1, asked.Load())
		close(release)
		time.Sleep(5 * time.Second)
		require.Equal(t, `{"status":"ok","database":"connected"}`, body(t, h.Report(t.Context())))
	})
}

func TestChangesAreLoggedOnceWithAReminderNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var db fakePart
		var log bytes.Buffer
		h := host.NewHealth(slog.New(slog.NewJSONHandler(&log, nil)), host.HealthOptions{}, host.Part{Name: "database", Well: "connected", Ask: db.ask})
		ctx, stop := context.WithCancel(t.Context())
		go h.Watch(ctx)
		time.Sleep(5 * time.Second)
		require.True(t, h.Ready(), "watching alone makes it ready")
		db.down.Store(true)
		time.Sleep(95 * time.Second)
		db.down.Store(false)
		time.Sleep(15 * time.Second)
		stop()
		synctest.Wait()
		require.Equal(t, 2, strings.Count(log.String(), "part does not answer"), log.String())
		require.Equal(t, 2, strings.Count(log.String(), "part answers"), log.String())
		require.Contains(t, log.String(), "connection refused by db-internal-name")
	})
}

func TestARequestInFlightIsFinished(t *testing.T) {
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() { close(inside) })
		<-release
		_, _ = io.WriteString(w, "committed")
	})}
	listener := httptest.NewUnstartedServer(nil).Listener
	h := host.NewHealth(quiet(), host.HealthOptions{})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- host.Serve(ctx, listener, server, h, host.Drain{Delay: time.Millisecond, Limit: time.Minute}, quiet())
	}()
	answered := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answered <- string(text)
	}()
	<-inside
	stop()
	require.Eventually(t, func() bool { // until the listener is closed; the request is not
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, 10*time.Second, 5*time.Millisecond)
	require.False(t, h.Ready())
	select {
	case err := <-served:
		t.Fatalf("stopped with a request in flight: %v", err)
	default:
	}
	close(release)
	require.Equal(t, "committed", <-answered)
	require.NoError(t, <-served)
}

func TestARequestThatNeverEndsIsCutOff(t *testing.T) {
	inside := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(inside)
		<-r.Context().Done()
	})}
	listener := httptest.NewUnstartedServer(nil).Listener
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- host.Serve(ctx, listener, server, host.NewHealth(quiet(), host.HealthOptions{}), host.Drain{Limit: time.Millisecond}, quiet())
	}()
	go func() { _, _ = http.Get("http://" + listener.Addr().String()) }() //nolint:bodyclose // it gets no answer
	<-inside
	stop()
	require.ErrorContains(t, <-served, "still in flight")
}
