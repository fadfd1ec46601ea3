package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

var errStillWaiting = errors.New("an earlier question has not come back yet")

// ask asks the part, for no longer than the timeout even if Ask does not heed its context, and logs changes.
func (w *watched) ask(log *slog.Logger, o HealthOptions) {
	w.mu.Lock()
	if w.busy {
		w.mu.Unlock()
		w.note(log, o, errStillWaiting)
		return
	}
	w.busy = true
	w.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), o.Timeout)
	defer cancel()
	answer := make(chan error, 1)
	go func() {
		err := w.Ask(ctx)
		w.mu.Lock()
		w.busy = false
		w.mu.Unlock()
		answer <- err
	}()
	select {
	case err := <-answer:
		w.note(log, o, err)
	case <-ctx.Done():
		w.note(log, o, fmt.Errorf("no answer within %s", o.Timeout))
	}
}

// note keeps the answer and logs it if it is news, or a reminder is due.
func (w *watched) note(log *slog.Logger, o HealthOptions, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	well, now := err == nil, time.Now()
	news := !w.asked || well != w.well
	w.asked, w.well, w.answered = true, well, w.answered || well
	w.trouble = Unreachable
	var trouble *Trouble
	if errors.As(err, &trouble) {
		w.trouble = trouble.Is
	}
	switch {
	case well && news:
		log.Info("part answers", "part", w.Name)
	case !well && (news || now.Sub(w.loggedAt) >= o.Remind):
		log.Error("part does not answer", "part", w.Name, "error", err)
		w.loggedAt = now
	}
}

// is what the report says.
func (w *watched) is() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.well:
		return w.Well
	case w.asked:
		return w.trouble
	}
	return Unreachable
}

func (w *watched) seen() (well, answered bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.well, w.answered
}
