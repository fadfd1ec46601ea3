package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/runtime/httpapi"
)

func TestAnEngineSaysWhatItLacks(t *testing.T) {
	_, err := httpapi.NewEngine(http.NewServeMux(), httpapi.Engine{})
	require.ErrorContains(t, err, "needs DB")
	var whole httpapi.Engine
	newService(t, func(e *engine) { whole = *e })
	for _, address := range []string{"", "learn.example.org", "ftp://learn.example.org", "https://learn.example.org/lectern", "https://learn.example.org?x=1", "https://"} {
		whole.PublicURL = address
		_, err := httpapi.NewEngine(http.NewServeMux(), whole)
		require.ErrorContains(t, err, "PublicURL", address)
	}
	whole.PublicURL, whole.PlayerURL = "https://learn.example.org", ""
	_, err = httpapi.NewEngine(http.NewServeMux(), whole)
	require.ErrorContains(t, err, "playerUrl: is missing")
}

func TestThePlayersPagesAreItsOwn(t *testing.T) {
	s := newService(t, func(e *engine) {
		e.Player = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Player", r.URL.Path) })
	})
	for _, path := range []string{"/launch/token", "/player", "/player/assets/1/player.js"} {
		require.Equal(t, path, s.with("").send("GET", path, nil).is(200).header.Get("X-Player"))
	}
	s.with("").send("GET", "/player/session", nil).problem(401)
}
