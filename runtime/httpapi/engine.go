package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/httpapi/commits"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/queue"
)

// Engine is what the HTTP side of the engine works with. Fields without a default are needed.
type Engine struct {
	DB    *postgres.DB
	Store objectstore.Port
	Cache cache.Port
	Queue queue.Port
	Keys  *launch.Keys
	Log   *slog.Logger

	// PublicURL is where browsers reach the service: scheme and host, no path. Launch links begin with it.
	PublicURL string
	// Player serves the player's page and assets, below /launch/ and /player; nil leaves those paths unknown.
	Player http.Handler
	// Limits on what is taken; zero values are the defaults.
	Limits Limits
	// Clock is time.Now by default.
	Clock func() time.Time
	// AllowPlainWebhooks takes http addresses for webhooks besides https: for a laptop.
	AllowPlainWebhooks bool
	// ObserveCommit is told the outcome of each commit, or "refused"; nil tells nobody.
	ObserveCommit func(outcome string)
}

// Limits bound what a caller may send.
type Limits struct {
	BodyBytes         int64         // of a JSON body; 1 MiB
	PackageBytes      int64         // of an uploaded package; 2 GiB
	RequestsPerMinute int64         // of one key; 600
	KeyOverlap        time.Duration // how long a rotated key stays valid if the caller does not say; 24 h
}

func (l Limits) orDefaults() Limits {
	if l.BodyBytes == 0 {
		l.BodyBytes = 1 << 20
	}
	if l.PackageBytes == 0 {
		l.PackageBytes = 2 << 30
	}
	if l.RequestsPerMinute == 0 {
		l.RequestsPerMinute = 600
	}
	if l.KeyOverlap == 0 {
		l.KeyOverlap = 24 * time.Hour
	}
	return l
}

// NewEngine puts the API, the learner's side and the course files on mux. It asks nobody anything yet.
func NewEngine(mux *http.ServeMux, e Engine) error {
	if e.DB == nil || e.Store == nil || e.Cache == nil || e.Queue == nil || e.Keys == nil || e.Log == nil {
		return errors.New("httpapi: an engine needs DB, Store, Cache, Queue, Keys and Log")
	}
	u, err := url.Parse(e.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
		return errors.New("httpapi: PublicURL must be a scheme and a host, e.g. https://learn.example.org")
	}
	e.PublicURL = u.Scheme + "://" + u.Host
	e.Limits = e.Limits.orDefaults()
	if e.Clock == nil {
		e.Clock = time.Now
	}
	if e.ObserveCommit == nil {
		e.ObserveCommit = func(string) {}
	}
	a := &api{Engine: e, keys: newKeyring(e.DB, e.Clock, e.Log), courses: newMemo[commits.Course](courseLife, coursesKept),
		usages: newMemo[usage](usageLife, usagesKept)}
	a.mount(mux)
	return nil
}

// api is an Engine at work.
type api struct {
	Engine
	keys    *keyring
	courses *memo[commits.Course] // by tenant and launch
	usages  *memo[usage]          // by tenant
}
