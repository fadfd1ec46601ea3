package launch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/launch"
)

const publicURL = "https://learn.example.com"

func players(t *testing.T, pattern string) launch.Players {
	t.Helper()
	p, err := launch.NewPlayers(pattern, publicURL)
	require.NoError(t, err)
	return p
}

func TestEachCourseOfEachTenantHasAnOrigin(t *testing.T) {
	p := players(t, "https://*.play.learn.example.com")
	require.True(t, p.Many())
	// Names are a contract: bookmarks, caches and what browsers keep for a course are by name.
	require.Equal(t, "5ds4kkusblqic5ksx3cuqwglqw.play.learn.example.com", p.Host("acme", "c1"))
	require.Equal(t, "https://"+p.Host("acme", "c1")+"/launch/TOKEN", p.Link("acme", "c1", "TOKEN"))
	seen := map[string]bool{}
	for _, of := range [][2]string{{"acme", "c1"}, {"acme", "c2"}, {"rival", "c1"}, {"acme\nc", "1"}, {"acm", "ec1"}, {"", "acme\nc1"}, {"acmec1", ""}} {
		host := p.Host(of[0], of[1])
		require.Regexp(t, `^[a-z2-7]{26}\.play\.learn\.example\.com$`, host)
		require.False(t, seen[host], of)
		seen[host] = true
	}
}

func TestWithoutNamesThereIsOneOrigin(t *testing.T) {
	p := players(t, "https://d111.cloudfront.net")
	require.False(t, p.Many())
	require.Equal(t, "d111.cloudfront.net", p.Host("acme", "c1"))
	require.Equal(t, p.Host("acme", "c1"), p.Host("acme", "c2"))
	require.True(t, p.IsHost("d111.cloudfront.net"))
	require.False(t, p.IsHost("x.d111.cloudfront.net"))
}

func TestAHostIsAPlayersOrNot(t *testing.T) {
	p := players(t, "https://*.play.learn.example.com")
	for host, want := range map[string]bool{
		"5ds4kkusblqic5ksx3cuqwglqw.play.learn.example.com": true, "x.play.learn.example.com": true, "X.PLAY.Learn.example.com": true,
		"x.play.learn.example.com:8443": true, "x.play.learn.example.com.": true, "x.play.learn.example.com.:443": true, "a.b.play.learn.example.com": true, "play.learn.example.com": true,
		"learn.example.com": false, "xplay.learn.example.com": false, "play.learn.example.com.evil.test": false, "10.0.0.7": false, "10.0.0.7:8080": false, "[::1]:8080": false, "": false,
	} {
		require.Equal(t, want, p.IsHost(host), host)
	}
}

func TestTheHostIsAsBrowsersSendIt(t *testing.T) {
	for pattern, want := range map[string]string{
		"https://PLAY.example.com": "play.example.com", "https://play.example.com:443/": "play.example.com", "http://play.localhost:8400": "play.localhost:8400",
		"http://play.localhost:80": "play.localhost", "https://play.example.com:80": "play.example.com:80",
	} {
		require.Equal(t, want, players(t, pattern).Host("acme", "c1"), pattern)
	}
}

func TestPatternsThatKeepNothingApart(t *testing.T) {
	for pattern, says := range map[string]string{
		"": "is missing", "play.example.com": "a scheme and a host", "ftp://play.example.com": "a scheme and a host", "https://play.example.com/x": "a scheme and a host", "https://u@play.example.com": "a scheme and a host",
		"https://play.example.com?x": "a scheme and a host", "https://": "a scheme and a host",
		"https://*": "one *", "https://*.*.example.com": "one *", "https://x.*.example.com": "one *", "https://p*.example.com": "one *",
		publicURL: "where publicUrl is", "https://LEARN.example.com:8443": "where publicUrl is", "https://*.example.com": "where publicUrl is", "https://*.learn.example.com": "where publicUrl is",
	} {
		_, err := launch.NewPlayers(pattern, publicURL)
		require.ErrorContains(t, err, "playerUrl: ", pattern)
		require.ErrorContains(t, err, says, pattern)
	}
	_, err := launch.NewPlayers("https://*.play.example.com", "")
	require.ErrorContains(t, err, "publicUrl: ")
}
