package host

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Part is something the instance depends on.
type Part struct {
	Name string // key in the report, e.g. "database"
	Well string // what the report says when it answers, e.g. "connected"
	// Local says that the part is on this very instance: its own workload, say. When only local parts stay away another
	// instance would do better, so this one is to be replaced.
	Local bool
	Ask   func(context.Context) error
}

// Unreachable is what the report says of a part that does not answer.
const Unreachable = "unreachable"

// Trouble is an error of a part that answers and still cannot do its work; the report says Is in place of Unreachable.
type Trouble struct {
	Is  string // e.g. "disk full"
	Err error
}

// Error implements error.
func (t *Trouble) Error() string { return t.Is + ": " + t.Err.Error() }

// Unwrap is the reason.
func (t *Trouble) Unwrap() error { return t.Err }

// States of an instance; see the package documentation.
const (
	StateStarting = "starting"
	StateOK       = "ok"
	StateDegraded = "degraded"
	StateFailing  = "failing"
	StateDraining = "draining"
)

// failingRounds is how many rounds in a row a local part is away, while every shared part is well, before the instance is
// failing: a restart or a slow moment is not enough.
const failingRounds = 3

// HealthOptions are timings. Zero values are the defaults.
type HealthOptions struct {
	Timeout time.Duration // for each part to answer; 2 s
	Share   time.Duration // how long one round of answers serves every asker; 1 s
	Remind  time.Duration // a part that stays away is logged again after this; 1 min
	// Grace is how long local parts may take to recover after a shared one was away, without the instance being failing:
	// a workload finds back to a database that has failed over only when its connections have timed out; 2 min.
	Grace time.Duration
}

// Health asks the parts and keeps the state of the instance. It is safe for concurrent use.
type Health struct {
	log     *slog.Logger
	options HealthOptions
	parts   []*watched

	mu       sync.Mutex
	draining bool
	round    *round    // the last one, or the one under way
	alone    int       // rounds in a row in which local parts alone were away
	shared   time.Time // when a shared part was last seen away
}

// watched is a Part and what is known of it. Only one round runs at a time, so a round may write it; mu is for readers.
type watched struct {
	Part
	mu       sync.Mutex
	asked    bool
	well     bool
	trouble  string // what the report says if it is not well
	answered bool   // once since the start
	busy     bool   // an Ask has outlived its timeout
	loggedAt time.Time
}

// round is one time of asking all parts.
type round struct {
	done chan struct{} // closed when all have answered or run out of time
	at   time.Time     // when it was done
}

// NewHealth makes the health of an instance that depends on these parts. Nothing is asked yet.
func NewHealth(log *slog.Logger, o HealthOptions, parts ...Part) *Health {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.Share == 0 {
		o.Share = time.Second
	}
	if o.Remind == 0 {
		o.Remind = time.Minute
	}
	if o.Grace == 0 {
		o.Grace = 2 * time.Minute
	}
	h := &Health{log: log, options: o}
	for _, p := range parts {
		h.parts = append(h.parts, &watched{Part: p})
	}
	return h
}

// Ready says whether the instance wants traffic. It asks nobody.
func (h *Health) Ready() bool { s := h.state(); return s == StateOK || s == StateDegraded }

// Drain makes the instance refuse new traffic from now on.
func (h *Health) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.draining = true
}

func (h *Health) isDraining() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// Watch asks often (every Share) until the instance is ready, then every 10 Shares, so that a change of state reaches
// the log though nobody asks. It returns when ctx is done.
func (h *Health) Watch(ctx context.Context) {
	for wasReady := false; ; {
		h.ask(ctx)
		if ready := h.Ready(); ready && !wasReady {
			wasReady = true
			h.log.Info("ready: every part has answered")
		}
		pause := h.options.Share
		if wasReady {
			pause *= 10
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func (h *Health) state() string {
	h.mu.Lock()
	draining, alone := h.draining, h.alone
	h.mu.Unlock()
	started, local, shared := h.away()
	switch {
	case draining:
		return StateDraining
	case !started:
		return StateStarting
	case local && !shared && alone >= failingRounds:
		return StateFailing
	case local || shared:
		return StateDegraded
	}
	return StateOK
}

// away says whether every part has answered once, and of which sort some part is away.
func (h *Health) away() (started, local, shared bool) {
	started = true
	for _, p := range h.parts {
		well, answered := p.seen()
		started = started && answered
		local = local || !well && p.Local
		shared = shared || !well && !p.Local
	}
	return started, local, shared
}

// count is told of the end of each round.
func (h *Health) count() {
	started, local, shared := h.away()
	h.mu.Lock()
	defer h.mu.Unlock()
	if shared {
		h.shared = time.Now()
	}
	if !started || !local || time.Since(h.shared) < h.options.Grace {
		if h.alone >= failingRounds {
			h.log.Info("not failing any more")
		}
		h.alone = 0
		return
	}
	if h.alone++; h.alone == failingRounds {
		h.log.Error("failing: a part of this instance stays away while all shared parts are well", "rounds", failingRounds)
	}
}

// ask waits for a round that is at most Share old, starting one if there is none. A storm of askers shares one round,
// and an asker that goes away does not stop it.
func (h *Health) ask(ctx context.Context) {
	h.mu.Lock()
	r := h.round
	if r == nil || r.isDone() && time.Since(r.at) >= h.options.Share {
		r = &round{done: make(chan struct{})}
		h.round = r
		go h.run(r)
	}
	h.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
	}
}

func (r *round) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (h *Health) run(r *round) {
	var all sync.WaitGroup
	for _, p := range h.parts {
		all.Go(func() { p.ask(h.log, h.options) })
	}
	all.Wait()
	h.count()
	r.at = time.Now()
	close(r.done)
}
