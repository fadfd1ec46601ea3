package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/content"
)

// One tenant asks for lists on 64 connections, without a pause, with four keys. Another's requests go on.
func TestOneTenantsRequestsLeaveAnothersPlace(t *testing.T) {
	s := newService(t)
	flood, victim := s.tenant(), s.tenant()
	in := s.course(victim.tenant, oneSCO(content.SCORM12), nil)
	heavy := s.course(flood.tenant, oneSCO(content.SCORM12), nil)
	for n := range 100 {
		flood.register(heavy.course, "learner-"+string(rune('a'+n%26))+string(rune('a'+n/26)))
	}
	victim.register(in.course, "jane")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	ask := func(ctx context.Context, token, method, path string) error {
		r, err := http.NewRequestWithContext(ctx, method, s.base+path, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(r)
		if err == nil {
			answer.Body.Close()
		}
		return err
	}
	measure := func() time.Duration {
		var took []time.Duration
		for range 200 {
			begun := time.Now()
			require.NoError(t, ask(t.Context(), victim.token, "GET", "/api/v1/registrations"))
			took = append(took, time.Since(begun))
		}
		slices.Sort(took)
		return took[190]
	}
	alone := measure()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	keys := []caller{flood, s.key(flood.tenant), s.key(flood.tenant), s.key(flood.tenant)}
	for n := range 64 {
		wg.Go(func() {
			for ctx.Err() == nil {
				_ = ask(ctx, keys[n%4].token, "GET", "/api/v1/registrations?limit=200") // what comes of it is its own affair
			}
		})
	}
	time.Sleep(2 * time.Second) // its requests of this minute are used up
	beside := measure()
	stop()
	wg.Wait()
	t.Logf("95 %% of the requests within %s alone, within %s beside 64 connections that ask for lists", alone, beside)
	require.Less(t, beside, 2*alone+250*time.Millisecond, "the flood is made by the same processors")
}
