//go:build system

package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/test/load/learner"
)

// What the smallest instance leaves the service: a t4g.micro has 943,060 KiB, of which the unit allows 80 % (MemoryMax), and
// of that the process keeps Go's heap below 85 % (host.LimitMemory).
const (
	unitBytes = 943_060 * 1024 / 100 * 80
	heapBytes = unitBytes / 100 * 85
)

const (
	attackFor = 25 * time.Second
	attackers = 500 // connections with large commits
	crawlers  = 100 // with bodies that do not come
	openers   = 100 // with a megabyte for /player/open
	honest    = 8   // learners of another tenant
)

// TestTheProcessStaysWithinItsMemory attacks one instance with all that could fill its memory, while learners of another tenant go on.
func TestTheProcessStaysWithinItsMemory(t *testing.T) {
	f := startFleet(t, 1, fmt.Sprint("GOMEMLIMIT=", heapBytes))
	base := fmt.Sprintf("http://127.0.0.1:%d", f.instances[0].port)
	pid := f.instances[0].process.PID()
	ctx, cancel := context.WithTimeout(context.Background(), attackFor)
	defer cancel()
	var wg sync.WaitGroup
	players := f.playing(t, "honest", base, honest)
	attack(ctx, &wg, base, f.playing(t, "hostile", base, 1)[0])

	var most, acknowledged atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	wg.Go(func() {
		for ctx.Err() == nil {
			most.Store(max(most.Load(), resident(pid)))
			time.Sleep(20 * time.Millisecond)
		}
	})
	for _, p := range players {
		wg.Go(func() {
			for ctx.Err() == nil {
				begun := time.Now()
				if _, _, err := p.Deliver(context.Background(), p.Next(2000)); err != nil {
					t.Error(err)
					return
				}
				acknowledged.Add(1)
				mu.Lock()
				took = append(took, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	t.Logf("at most %d MiB resident of %d; %d honest commits acknowledged meanwhile, half of them within %s, 95 %% within %s",
		most.Load()>>20, unitBytes>>20, acknowledged.Load(), took[len(took)/2], took[len(took)*95/100])
	require.Less(t, most.Load(), int64(unitBytes))
	require.Greater(t, acknowledged.Load(), int64(honest)*5)
	require.True(t, f.healthy(0))
}

// playing are learners of a tenant with the course open, who talk to the instance itself.
func (f *fleet) playing(t *testing.T, tenantID, base string, n int) (list []*learner.Learner) {
	t.Helper()
	api := f.tenant(tenantID)
	zip, err := learner.Package()
	require.NoError(t, err)
	course, err := api.Import(t.Context(), "load.zip", int64(len(zip)), bytes.NewReader(zip))
	require.NoError(t, err)
	for i := range n {
		registration, err := api.Register(t.Context(), course, fmt.Sprintf("learner-%d", i))
		require.NoError(t, err)
		link, err := api.Link(t.Context(), registration)
		require.NoError(t, err)
		p, err := learner.Open(t.Context(), newClient(), base, link)
		require.NoError(t, err)
		list = append(list, p)
	}
	return list
}

// attack sends what is as large as it may be, and larger, and what never comes, until ctx ends.
func attack(ctx context.Context, wg *sync.WaitGroup, base string, hostile *learner.Learner) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: attackers}}
	large := `{"sequence":1,"activity":"i","cmi":{"cmi.suspend_data":"` + strings.Repeat("x", 1<<20-200) + `"}}`
	send := func(path, token, body string) {
		for ctx.Err() == nil {
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, base+path, strings.NewReader(body)) // it is well formed
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			if answer, err := client.Do(r); err == nil {
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
			}
		}
	}
	for range attackers {
		wg.Go(func() { send("/api/v1/commits", hostile.Session(), large) })
	}
	for range openers {
		wg.Go(func() { send("/player/open", "", large) })
	}
	for range crawlers {
		wg.Go(func() {
			for ctx.Err() == nil {
				conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
				if err != nil {
					continue
				}
				_, _ = fmt.Fprintf(conn, "POST /api/v1/commits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 1000000\r\n\r\n{", hostile.Session())
				_ = conn.SetReadDeadline(time.Now().Add(attackFor))
				_, _ = conn.Read(make([]byte, 1)) // until it is refused
				_ = conn.Close()
			}
		})
	}
}

// resident is how many bytes of memory a process has, of its own.
func resident(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // proc_pid_statm(5)
	shared, _ := strconv.ParseInt(fields[2], 10, 64)
	return (pages - shared) * int64(os.Getpagesize())
}
