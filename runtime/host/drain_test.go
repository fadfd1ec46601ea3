package host_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/host"
	"github.com/lectern/lectern/runtime/host/proxy"
)

// TestNothingIsLostWhileDraining has clients that behave as a load balancer does: they keep their connections, send
// requests that nobody may repeat, and go on until the health path has told them otherwise.
func TestNothingIsLostWhileDraining(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(1200 * time.Millisecond) // goes on when the listener has closed
		}
		_, _ = io.Copy(w, r.Body)
	}))
	defer app.Close()
	upstream, err := url.Parse(app.URL)
	require.NoError(t, err)
	h := host.NewHealth(quiet(), host.HealthOptions{})
	server := &http.Server{Handler: proxy.New(proxy.Options{Upstream: upstream, Log: quiet()})}
	listener := httptest.NewUnstartedServer(nil).Listener
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- host.Serve(ctx, listener, server, h, host.Drain{Delay: time.Second, Limit: 10 * time.Second}, quiet())
	}()

	var asked, lastOnes atomic.Int64
	ask := func(client *http.Client, path string) error {
		// A body that cannot be sent twice, so that Go's client does not hide a connection that was closed under it.
		resp, err := client.Post("http://"+listener.Addr().String()+path, "text/plain", io.MultiReader(strings.NewReader("form")))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err == nil && string(text) != "form" {
			t.Errorf("got %d %q", resp.StatusCode, text)
		}
		asked.Add(1)
		if resp.Close {
			lastOnes.Add(1)
		}
		return err
	}
	var clients sync.WaitGroup
	failures := make(chan error, 64)
	for i := range 16 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for path := "/"; ; {
				if !h.Ready() {
					path = "/slow"
				}
				if err := ask(client, path); err != nil {
					failures <- err
				}
				if path == "/slow" {
					return
				}
				time.Sleep(time.Duration(i) * time.Millisecond) // connections are idle for a moment
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	stop()
	clients.Wait()
	require.NoError(t, <-served)
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	require.Greater(t, asked.Load(), int64(100))
	require.GreaterOrEqual(t, lastOnes.Load(), int64(16), "clients are told to connect elsewhere")
	_, err = net.Dial("tcp", listener.Addr().String())
	require.Error(t, err, "nobody is taken any more")
}
