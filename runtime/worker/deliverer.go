package worker

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
)

// Deliverer delivers events to webhooks, at least once each.
//
//	event ──expand──► deliveries ──claim──► POST ──2xx──► delivered
//	                      ▲                   │
//	                      └── backoff ────────┴─ 24 h after the event, 410, or the webhook is gone or not active ──► given up
//
// Tenants take turns, and none may have more than a share of the requests at once; the last share is for those that have none. A
// webhook that fails again and again is left alone for a while: see postgres.SettleDelivery.
type Deliverer struct {
	DB *postgres.DB
	// Secret is what deliveries to a webhook are signed with: launch.Keys.WebhookSecret.
	Secret func(webhookID string, version int) []byte
	// AllowPlain allows http and private addresses, for development.
	AllowPlain bool
	// Concurrency is how many requests are made at once; 0: 32.
	Concurrency int
	// Timeout is for one request; 0: 10 s.
	Timeout time.Duration
	// Every is how often events are looked for when there are none; 0: 2 s.
	Every time.Duration
	// Observe is told of every request; nil: nobody is.
	Observe func(kind string, ok bool, seconds float64)
	Log     *slog.Logger
}

// KindDelivery is the kind that Observe is told.
const KindDelivery = "webhook"

const (
	defaultRequests       = 32
	defaultWebhookTimeout = 10 * time.Second
	defaultLookEvery      = 2 * time.Second
	expandLimit           = 500
	firstBackoff          = 10 * time.Second // times 3 for each further try
	longestBackoff        = 3 * time.Hour
	giveUpAfter           = 24 * time.Hour
)

// Run delivers until ctx is done, and then until the requests under way have ended.
func (d *Deliverer) Run(ctx context.Context) {
	shares := &shares{}
	client := webhookClient(orElse(d.Timeout, defaultWebhookTimeout), d.AllowPlain)
	defer client.CloseIdleConnections()
	most := orElse(d.Concurrency, defaultRequests)
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { d.expand(ctx) }) // by itself, so that slow receivers do not hold up events that nobody wants
	for ctx.Err() == nil {
		n, err := d.round(ctx, client, shares, most, &running)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("events cannot be delivered", "error", err)
		}
		if n == 0 || err != nil {
			pause(ctx, orElse(d.Every, defaultLookEvery))
		}
	}
}

// expand makes deliveries of events until ctx is done.
func (d *Deliverer) expand(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := d.DB.ExpandEvents(ctx, expandLimit)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("events cannot be prepared for delivery", "error", err)
		}
		if n < expandLimit {
			pause(ctx, orElse(d.Every, defaultLookEvery))
		}
	}
}

// round starts what is due, as far as there is room, and says how many deliveries that was.
func (d *Deliverer) round(ctx context.Context, client *http.Client, held *shares, most int, running *sync.WaitGroup) (int, error) {
	free, busy := held.free(ctx, most)
	if free == 0 { // ctx is done
		return 0, nil
	}
	one := max(1, most/4) // of one tenant
	share := postgres.DeliveryShare{Limit: free, Most: one, Running: busy}
	if free <= one { // the last share
		share.Most = 1
	}
	due, err := d.DB.ClaimDeliveries(ctx, time.Now(), 3*orElse(d.Timeout, defaultWebhookTimeout), share)
	if err != nil {
		return 0, fmt.Errorf("worker: claim deliveries: %w", err)
	}
	for _, one := range due {
		held.add(one.TenantID)
		running.Go(func() {
			defer held.done(one.TenantID)
			d.deliver(context.WithoutCancel(ctx), client, one)
		})
	}
	return len(due), nil
}

func (d *Deliverer) deliver(ctx context.Context, client *http.Client, one postgres.Delivery) {
	start := time.Now()
	status, failure, err := d.try(ctx, client, one)
	if err != nil {
		d.Log.Error("a delivery could not be made; its claim ends by itself", "delivery", one.ID, "error", err)
		return
	}
	if d.Observe != nil {
		d.Observe(KindDelivery, failure == "", time.Since(start).Seconds())
	}
	var next *time.Time
	if failure != "" {
		next = nextTry(one, status, time.Now())
	}
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	err = d.DB.SettleDelivery(ctx, one, status, failure, next)
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) { // deleted, or settled by another, meanwhile
		d.Log.Error("a delivery was made and could not be recorded; it is made again", "delivery", one.ID, "error", err)
	}
}

// gone is the status of a delivery that has no address any more; also what a receiver says who wants no more of it.
const gone = http.StatusGone

func (d *Deliverer) try(ctx context.Context, client *http.Client, one postgres.Delivery) (status int, failure string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*orElse(d.Timeout, defaultWebhookTimeout))
	defer cancel()
	hook, err := d.DB.WebhookOf(ctx, one) // of this moment: what was erased after the claim is not sent
	switch {
	case fault.Is(err, fault.NotFound):
		return gone, "the webhook or the event was deleted", nil
	case err != nil:
		return 0, "", fmt.Errorf("worker: read webhook %s: %w", one.WebhookID, err)
	case !hook.Active:
		return gone, "the webhook is not active", nil
	}
	if !isDeliverable(hook.URL, d.AllowPlain) {
		return gone, "the webhook's URL is not an https address", nil
	}
	status, failure = post(ctx, client, hook.URL, d.Secret(hook.ID, hook.Secret), one, time.Now())
	return status, failure, nil
}

// nextTry is when to try again, with jitter so that a receiver that comes back is not met by everything at once; nil:
// never.
func nextTry(d postgres.Delivery, status int, now time.Time) *time.Time {
	wait := firstBackoff
	for range d.Attempts {
		wait = min(3*wait, longestBackoff)
	}
	wait = wait*4/5 + rand.N(wait*2/5) //nolint:gosec // ±20 %; nobody gains by guessing it
	at := now.Add(wait)
	if status == gone || at.After(d.OccurredAt.Add(giveUpAfter)) {
		return nil
	}
	return &at
}
