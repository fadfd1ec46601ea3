package proxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheClientIsWhoTheFirstOfOurProxiesSaw(t *testing.T) {
	for name, tc := range map[string]struct {
		forwarded []string
		proxies   int
		want      string
	}{
		"no proxy":                       {nil, 0, "10.0.0.9"},
		"no proxy, a made-up header":     {[]string{"1.2.3.4"}, 0, "10.0.0.9"},
		"load balancer":                  {[]string{"203.0.113.7"}, 1, "203.0.113.7"},
		"load balancer, made up before":  {[]string{"1.2.3.4, 203.0.113.7"}, 1, "203.0.113.7"},
		"made up in a header of its own": {[]string{"1.2.3.4", "203.0.113.7"}, 1, "203.0.113.7"},
		"CloudFront and load balancer":   {[]string{"1.2.3.4, 203.0.113.7, 130.176.0.1"}, 2, "203.0.113.7"},
		"past CloudFront":                {[]string{"203.0.113.7"}, 2, "203.0.113.7"},
		"past all proxies":               {nil, 2, "10.0.0.9"},
		"IPv6":                           {[]string{"2001:DB8::7, 130.176.0.1"}, 2, "2001:db8::7"},
		"with ports":                     {[]string{"[2001:db8::7]:4711, 130.176.0.1:80"}, 2, "2001:db8::7"},
		"no address":                     {[]string{"unknown, 130.176.0.1"}, 2, "10.0.0.9"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, client(tc.forwarded, "10.0.0.9:51000", tc.proxies))
		})
	}
}

// passed is what the workload got when the request of a browser came through.
func passed(t *testing.T, o Options, change func(*http.Request)) *http.Request {
	t.Helper()
	var got *http.Request
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Clone(t.Context()) }))
	defer upstream.Close()
	o.Upstream, o.Log = parse(t, upstream.URL), quiet()
	r := httptest.NewRequest(http.MethodGet, "http://learn.example.org/a%2Fb//c?x=1;y=2&z=%zz", nil)
	r.RemoteAddr = "10.0.0.9:51000"
	change(r)
	w := httptest.NewRecorder()
	New(o).ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	return got
}

func TestWhatAClientSaysOfItselfIsNotBelieved(t *testing.T) {
	got := passed(t, Options{Proxies: 2, Public: parse(t, "https://learn.example.org")}, func(r *http.Request) {
		for name, value := range map[string]string{
			"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 130.176.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "X-Forwarded-Port": "80",
			"X-Real-Ip": "6.6.6.6", "Forwarded": "for=6.6.6.6", "Client-Ip": "6.6.6.6", "True-Client-Ip": "6.6.6.6", "X_Real_Ip": "6.6.6.6", "X_forwarded_for": "6.6.6.6",
			"Proxy": "http://evil.example", "Connection": "X-Secret, Keep-Alive", "X-Secret": "hop", "Keep-Alive": "5", "Te": "trailers, deflate", "Proxy-Authorization": "x",
			"Cookie": "session=1", "Authorization": "Bearer t",
		} {
			r.Header.Set(name, value)
		}
	})
	want := map[string]string{
		"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 130.176.0.1, 10.0.0.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "learn.example.org", "X-Forwarded-Port": "443",
		"X-Real-Ip": "203.0.113.7", "Cookie": "session=1", "Authorization": "Bearer t", "Te": "trailers",
	}
	for name := range got.Header {
		require.Equal(t, want[name], got.Header.Get(name), name)
		delete(want, name)
	}
	require.Empty(t, want, "headers that did not arrive")
	require.Equal(t, "learn.example.org", got.Host)
}

func TestThePathAndTheQueryPassAsTheyWereWritten(t *testing.T) {
	got := passed(t, Options{}, func(*http.Request) {})
	require.Equal(t, "/a%2Fb//c?x=1;y=2&z=%zz", got.RequestURI)
	require.Empty(t, got.UserAgent(), "nothing is made up")
	require.Empty(t, got.Header.Get("Accept-Encoding"), "the answer is not unpacked on the way")
}

func TestTheSchemeIsTheProxysWhereNoAddressIsKnown(t *testing.T) {
	https := func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }
	require.Equal(t, "https", passed(t, Options{Proxies: 1}, https).Header.Get("X-Forwarded-Proto"))
	require.Equal(t, "http", passed(t, Options{Proxies: 0}, https).Header.Get("X-Forwarded-Proto"))
	port := passed(t, Options{Public: parse(t, "http://localhost:8443")}, https)
	require.Equal(t, "http 8443", port.Header.Get("X-Forwarded-Proto")+" "+port.Header.Get("X-Forwarded-Port"))
}

func TestAHeadAndABodyComeBackAsTheyAre(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Set(RequestIDHeader, "the workload's own")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "not really gzip")
	}))
	defer upstream.Close()
	front := serve(t, Options{Upstream: parse(t, upstream.URL)})
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(request(t, http.MethodGet, front.url+"/", nil))
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "not really gzip", string(text))
	require.Equal(t, http.StatusTeapot, resp.StatusCode)
	require.Equal(t, []string{"a=1", "b=2"}, resp.Header["Set-Cookie"])
	require.Empty(t, resp.Header.Get("Keep-Alive"))
	require.NotContains(t, strings.Join(resp.Header[RequestIDHeader], ","), "own")
	require.Equal(t, []observed{{"GET", http.StatusTeapot}}, front.seen())
}

func parse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}
