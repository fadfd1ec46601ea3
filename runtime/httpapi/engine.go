package httpapi

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/lectern/lectern/runtime/cache"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/httpapi/commits"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/queue"
	"github.com/lectern/lectern/runtime/tenant"
)

// Engine is what the HTTP side of the engine works with. Fields without a default are needed.
type Engine struct {
	DB    *postgres.DB
	Store objectstore.Port
	Cache cache.Port
	Queue queue.Port
	Keys  *launch.Keys
	Log   *slog.Logger

	// PublicURL is where browsers reach the console and the API: scheme and host, no path.
	PublicURL string
	// PlayerURL is where they reach players and content: as contract.Config has it, see launch.Players.
	PlayerURL string
	// Player serves the player's page and assets, below /launch/ and /player; nil leaves those paths unknown.
	Player http.Handler
	// Limits on what is taken; zero values are the defaults.
	Limits Limits
	// Quotas are how much a tenant may have for which the operator has set nothing else; those left out are tenant.DefaultQuotas.
	Quotas tenant.Quotas
	// Clock is time.Now by default.
	Clock func() time.Time
	// Keeps is how long what is erased stays in backups and logs, for receipts; zero says that it is not known.
	Keeps erasure.Keeps
	// AllowPlainWebhooks takes http addresses for webhooks besides https: for a laptop.
	AllowPlainWebhooks bool
	// ObserveCommit is told the outcome of each commit, or "refused"; nil tells nobody.
	ObserveCommit func(outcome string)
}

// Limits bound what a caller may send.
type Limits struct {
	BodyBytes         int64 // of an operation's JSON body; 64 KiB. Commits and links have limits of their own: see body.go
	BytesInFlight     int64 // of all bodies that are being read or dealt with; 48 MiB, see BytesInFlight
	PackageBytes      int64 // of an uploaded package; 2 GiB
	RequestsPerMinute int64 // of one key; 600
	// TenantRequestsPerMinute are those of all keys of a tenant; three times those of one key.
	TenantRequestsPerMinute int64
	KeyOverlap              time.Duration // how long a rotated key stays valid if the caller does not say; 24 h
}

func (l Limits) orDefaults() Limits {
	if l.BodyBytes == 0 {
		l.BodyBytes = jsonBytes
	}
	if l.BytesInFlight == 0 {
		l.BytesInFlight = 48 << 20
	}
	if l.PackageBytes == 0 {
		l.PackageBytes = 2 << 30
	}
	if l.RequestsPerMinute == 0 {
		l.RequestsPerMinute = 600
	}
	if l.TenantRequestsPerMinute == 0 {
		l.TenantRequestsPerMinute = 3 * l.RequestsPerMinute
	}
	if l.KeyOverlap == 0 {
		l.KeyOverlap = 24 * time.Hour
	}
	return l
}

// BytesInFlight is how many bytes of bodies a process may hold that may use this much memory, in bytes: a body becomes up to
// eight times as much while it is decoded, checked and written, and half the memory is for all else. At least 16 MiB, at
// most 512.
func BytesInFlight(memory int64) int64 { return min(max(memory/16, 16<<20), 512<<20) }

// NewEngine puts the API on mux, beside what is there already of the service's own pages, and returns what answers all
// requests: those for a player's host with the player and the files of courses, all others from mux. It asks nobody anything yet.
func NewEngine(mux *http.ServeMux, e Engine) (http.Handler, error) {
	if e.DB == nil || e.Store == nil || e.Cache == nil || e.Queue == nil || e.Keys == nil || e.Log == nil {
		return nil, errors.New("httpapi: an engine needs DB, Store, Cache, Queue, Keys and Log")
	}
	u, err := url.Parse(e.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" {
		return nil, errors.New("httpapi: PublicURL must be a scheme and a host, e.g. https://learn.example.org")
	}
	e.PublicURL = u.Scheme + "://" + u.Host
	players, err := launch.NewPlayers(e.PlayerURL, e.PublicURL)
	if err != nil {
		return nil, err
	}
	e.Limits = e.Limits.orDefaults()
	all := tenant.DefaultQuotas()
	maps.Copy(all, e.Quotas)
	e.Quotas = all
	if e.Clock == nil {
		e.Clock = time.Now
	}
	if e.ObserveCommit == nil {
		e.ObserveCommit = func(string) {}
	}
	a := &api{
		Engine: e, players: players, keys: newKeyring(e.DB, e.Clock, e.Log), courses: newMemo[commits.Course](courseLife, coursesKept),
		room: newMemo[struct{}](roomLife, keysKept), usages: newMemo[usage](usageLife, usagesKept),
		budget: newBudget(e.Limits.BytesInFlight), turns: newBudget(statementsAtOnce), polite: make(chan struct{}, politeMost),
	}
	a.mount(mux)
	return a.apart(a.playerRoutes(), mux), nil
}

// api is an Engine at work.
type api struct {
	Engine
	players launch.Players
	keys    *keyring
	courses *memo[commits.Course] // by tenant and launch
	usages  *memo[usage]          // by tenant
	room    *memo[struct{}]       // by tenant and quota: those that are far below it
	budget  *budget               // bytes of bodies
	turns   *budget               // requests that ask the database
	polite  chan struct{}         // those who are read to the end though they are refused
}
