package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/content/archive"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
)

// Importer turns uploaded packages into course versions.
type Importer struct {
	DB     *postgres.DB
	Store  objectstore.Port
	Limits archive.Limits // none: archive.DefaultLimits
	// MaxUpload is how large an upload may be, in bytes; 0: 5 GiB.
	MaxUpload int64
	// TempDir is where an upload lies while it is unpacked: a disk with MaxUpload for each import at once. "": /var/tmp,
	// since /tmp is memory on Amazon Linux 2023 and others.
	TempDir string
	// Concurrency is how many imports this process does at once; 0: 3. One tenant's are fewer, so that there is room for
	// another's. Each needs disk space for one package.
	Concurrency int
	// Parallel is how many files of a package are stored at once; 0: 8. Fewer if they are large, so that what the store's
	// client holds of them stays below 48 MiB for one import.
	Parallel int
	// Lease is how long an import stays with a worker that gives no sign of life; 0: 60 s.
	Lease time.Duration
	// MaxAttempts is after how many workers an import is given up; 0: 8.
	MaxAttempts int
	// Retry is after how long an attempt follows one that failed for reasons inside; doubled each time, up to 15 minutes;
	// 0: 15 s.
	Retry time.Duration
	// Observe is told how much was stored by each import that succeeded; nil: nobody is.
	Observe func(files int, bytes int64)
	Log     *slog.Logger

	running shares
	choose  sync.Mutex // held while a turn is taken, so that what is running is known
}

const (
	defaultMaxUpload   = 5 << 30
	defaultParallel    = 8
	defaultLease       = 60 * time.Second
	defaultMaxAttempts = 8
	defaultRetryImport = 15 * time.Second
	longestRetry       = 15 * time.Minute
)

// errFenced: another worker has taken the import over.
var errFenced = errors.New("worker: the import was taken over by another worker")

// Handle implements Handler. A message only says that there is work: which import is done is decided in importer_turn.go.
func (im *Importer) Handle(ctx context.Context, m Message) error {
	i, token, err := im.turn(ctx, m)
	if err != nil || i.ID == "" {
		return err
	}
	defer im.running.done(i.TenantID)
	return im.attempt(i, token).run(ctx)
}

// Import does one attempt at an import. A package that is refused is no error; an error is *Later, and the import is
// then free to be taken again after that.
func (im *Importer) Import(ctx context.Context, tenantID, id string) error {
	i, token, ok, err := im.DB.LeaseImport(ctx, tenantID, id, orElse(im.Lease, defaultLease))
	switch {
	case fault.Is(err, fault.NotFound):
		im.Log.Warn("a message asks for an import that does not exist", "tenant", tenantID, "id", id)
		return nil
	case err != nil:
		return fmt.Errorf("worker: lease import %s: %w", id, err)
	case !ok:
		return im.notOurs(ctx, tenantID, id)
	}
	return im.attempt(i, token).run(ctx)
}

func (im *Importer) attempt(i content.Import, token int64) *attempt {
	a := &attempt{Importer: im, of: i, token: token, contentID: content.AttemptID(i.ID, i.Attempts)}
	a.log = im.Log.With("tenant", i.TenantID, "import", i.ID, "attempt", i.Attempts)
	return a
}

// notOurs is an import that is finished, or that somebody else works on. In the first case that somebody may have died
// before the upload was removed.
func (im *Importer) notOurs(ctx context.Context, tenantID, id string) error {
	i, err := im.DB.Import(ctx, tenantID, id)
	if err != nil {
		return fmt.Errorf("worker: read import %s: %w", id, err)
	}
	if !isFinished(i) {
		return nil
	}
	if err := im.Store.DeletePrefix(ctx, content.UploadKey(tenantID, id)); err != nil {
		return fmt.Errorf("worker: remove the upload of import %s: %w", id, err)
	}
	return nil
}

func isFinished(i content.Import) bool {
	return i.State == content.ImportSucceeded || i.State == content.ImportFailed
}
