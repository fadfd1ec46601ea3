//go:build system

package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/load/learner"
)

const (
	learners   = 24
	underFire  = 60 * time.Second
	killEvery  = 4 * time.Second
	thinkTime  = 40 * time.Millisecond
	resendRate = 10 // one commit in this many is sent again after it was acknowledged
)

func newClient() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
}

// tally is what one learner knows.
type tally struct {
	registration string
	acknowledged int64 // highest sequence that was acknowledged
	applied      int64 // sequences that were made durable, each counted once
	retries      int
	longest      time.Duration // to an acknowledgement
}

// TestNothingAcknowledgedIsLostWhenInstancesDie kills one of three instances with -9 every few seconds.
func TestNothingAcknowledgedIsLostWhenInstancesDie(t *testing.T) {
	f := startFleet(t, 3)
	var kills atomic.Int64
	f.underLoad(t, "instances killed", &kills, func(stop <-chan struct{}) {
		for i := 0; ; i = (i + 1) % len(f.instances) {
			select {
			case <-stop:
				return
			case <-time.After(killEvery):
			}
			f.kill(i)
			kills.Add(1)
			f.start(i)
		}
	})
}

// TestNothingAcknowledgedIsLostWhenPostgreSQLRestarts stops the database at once, as a crash does, and starts it again.
func TestNothingAcknowledgedIsLostWhenPostgreSQLRestarts(t *testing.T) {
	f := startFleet(t, 3)
	var restarts atomic.Int64
	f.underLoad(t, "PostgreSQL restarts", &restarts, func(stop <-chan struct{}) {
		for {
			select {
			case <-stop:
				return
			case <-time.After(3 * killEvery):
			}
			f.db.Stop()
			time.Sleep(2 * time.Second) // a failover takes a while
			f.db.Start()
			restarts.Add(1)
			for i := range f.instances {
				require.True(t, f.healthy(i), "a database that is away makes no instance unhealthy")
			}
		}
	})
}

// underLoad lets learners commit while trouble is made, then compares what they were told with what there is.
func (f *fleet) underLoad(t *testing.T, what string, troubles *atomic.Int64, trouble func(stop <-chan struct{})) {
	api := f.tenant("acme")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	zip, err := learner.Package()
	require.NoError(t, err)
	course, err := api.Import(ctx, "load.zip", int64(len(zip)), bytes.NewReader(zip))
	require.NoError(t, err)

	tallies := make([]tally, learners)
	players := make([]*learner.Learner, learners)
	for i := range players {
		tallies[i].registration, err = api.Register(ctx, course, fmt.Sprintf("learner-%d", i))
		require.NoError(t, err)
		link, err := api.Link(ctx, tallies[i].registration)
		require.NoError(t, err)
		players[i], err = learner.Open(ctx, api.HTTP, f.balancer, link)
		require.NoError(t, err)
	}
	tabs := startBrowsers(ctx, t, api, course)
	stop := make(chan struct{})
	var making, playing sync.WaitGroup
	making.Go(func() { trouble(stop) })
	end := time.Now().Add(underFire)
	for i := range players {
		playing.Go(func() { tallies[i].play(ctx, t, players[i], end) })
	}
	playing.Wait()
	close(stop)
	making.Wait()
	f.compare(t, api, what, troubles.Load(), tallies, tabs)
}

// play commits until end. A commit is delivered until it is acknowledged, and now and then once more.
func (y *tally) play(ctx context.Context, t *testing.T, p *learner.Learner, end time.Time) {
	for time.Now().Before(end) {
		c, begin := p.Next(2000), time.Now()
		outcome, retries, err := p.Deliver(ctx, c)
		if err != nil {
			t.Errorf("commit %d: %v", c.Sequence, err)
			return
		}
		y.retries += retries
		y.longest = max(y.longest, time.Since(begin))
		if outcome != "applied" && (outcome != "duplicate" || retries == 0) {
			t.Errorf("commit %d was %s after %d retries", c.Sequence, outcome, retries)
		}
		y.acknowledged, y.applied = c.Sequence, y.applied+1
		if rand.IntN(resendRate) == 0 {
			again, _, err := p.Deliver(ctx, c)
			if err != nil || again != "duplicate" {
				t.Errorf("commit %d sent again was %q, %v", c.Sequence, again, err)
			}
		}
		time.Sleep(time.Duration(rand.Int64N(int64(2 * thinkTime))))
	}
}

func (f *fleet) compare(t *testing.T, api *learner.API, what string, troubles int64, tallies []tally, tabs *browsers) {
	var total, retries int64
	var longest time.Duration
	for _, y := range tallies {
		a := attemptOf(t, api, y.registration)
		require.Equal(t, strconv.FormatInt(y.acknowledged, 10), a.Activities[0].CMI["cmi.core.lesson_location"], "the last acknowledged commit is the state")
		require.Equal(t, y.applied, a.Activities[0].Commits, "each commit was applied, and once")
		total, retries, longest = total+y.applied, retries+int64(y.retries), max(longest, y.longest)
	}
	require.NotZero(t, troubles)
	t.Logf("%s: %d in %s; %d commits acknowledged by %d learners, all there, none twice; %d were tried again; longest to an acknowledgement %s; %d bookmarks of %d browser tabs, the last of each there",
		what, troubles, underFire, total, len(tallies), retries, longest.Round(time.Millisecond), tabs.compare(t, api), browserTabs)
}
