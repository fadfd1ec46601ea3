package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

// Imports take turns by tenant. A tenant may have as many at once as there would still be room for after: of three two, and
// the third is for whoever comes. Of those that may, the tenant with the fewest running is next (LeaseNextImport), whatever
// the messages say that are at hand: a thousand of one tenant may wait in the queue before another's.

const (
	defaultImports = 3
	lookAgain      = 500 * time.Millisecond // for an import that may run, while messages wait for their turn
)

// turn waits until an import has its turn in this process, and leases it; done must be called on running afterwards. It is none if
// nothing is left to do for the message: its import is finished, or somebody works on it.
func (im *Importer) turn(ctx context.Context, m Message) (content.Import, int64, error) {
	for {
		changed := im.running.changes()
		i, token, err := im.next(ctx)
		if err != nil || i.ID != "" {
			return i, token, err
		}
		waits, err := im.waits(ctx, m)
		if err != nil || !waits {
			return content.Import{}, 0, err
		}
		limit := time.NewTimer(lookAgain)
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-stopping(ctx):
			err = errStopping
		case <-changed:
		case <-limit.C:
		}
		limit.Stop()
		if err != nil {
			return content.Import{}, 0, err
		}
	}
}

// next leases the import that has its turn, if there is one and there is room.
func (im *Importer) next(ctx context.Context) (content.Import, int64, error) {
	im.choose.Lock()
	defer im.choose.Unlock()
	free, full := im.running.full(orElse(im.Concurrency, defaultImports))
	if free == 0 {
		return content.Import{}, 0, nil
	}
	i, token, ok, err := im.DB.LeaseNextImport(ctx, full, orElse(im.Lease, defaultLease))
	if err != nil {
		return content.Import{}, 0, fmt.Errorf("worker: lease the next import: %w", err)
	}
	if !ok {
		return content.Import{}, 0, nil
	}
	im.running.add(i.TenantID)
	return i, token, nil
}

// waits says whether the import of a message is still to be done. If it is finished, its upload is removed.
func (im *Importer) waits(ctx context.Context, m Message) (bool, error) {
	waits, err := im.DB.ImportWaits(ctx, m.TenantID, m.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		im.Log.Warn("a message asks for an import that does not exist", "tenant", m.TenantID, "id", m.ID)
		return false, nil
	case err != nil:
		return false, fmt.Errorf("worker: read import %s: %w", m.ID, err)
	case waits:
		return true, nil
	}
	return false, im.notOurs(ctx, m.TenantID, m.ID)
}
