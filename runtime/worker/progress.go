package worker

import (
	"context"
	"sync"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

// Steps of an import (content.Progress).
const (
	stepFetch   = "fetch"
	stepInspect = "inspect"
	stepStore   = "store"
	stepDone    = "done"
)

// reportEvery is how fresh the progress is that people see; less if the lease is short.
const reportEvery = 2 * time.Second

// progress is how far an attempt is.
type progress struct {
	mu sync.Mutex
	p  content.Progress
}

func (p *progress) read() content.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.p
}

func (p *progress) begin(step string, files int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.p = content.Progress{Step: step, FilesTotal: files, BytesTotal: bytes}
}

// done keeps the numbers of the last step.
func (p *progress) done() content.Progress {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.p.Step = stepDone
	return p.p
}

func (p *progress) add(files int, bytes int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.p.FilesDone += files
	p.p.BytesDone += bytes
}

// report stores progress and extends the lease until ctx is done, or the lease is another worker's: then it cancels the
// work with errFenced. A database that does not answer stops nothing: the fence decides in the end.
func (a *attempt) report(ctx context.Context, cancel context.CancelCauseFunc) {
	lease := orElse(a.Lease, defaultLease)
	for pause(ctx, min(reportEvery, lease/3)) {
		err := a.DB.ReportProgress(ctx, a.of.TenantID, a.of.ID, a.token, a.progress.read(), lease)
		switch {
		case fault.Is(err, fault.Conflict):
			cancel(errFenced)
			return
		case err != nil && ctx.Err() == nil:
			a.log.Warn("progress could not be reported", "error", err)
		}
	}
}
