package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
)

// attempt is what one worker does with an import: see the package's doc.
type attempt struct {
	*Importer
	of        content.Import
	token     int64
	contentID string
	progress  progress
	log       *slog.Logger
}

func (a *attempt) run(ctx context.Context) error {
	limit := orElse(a.MaxAttempts, defaultMaxAttempts)
	var out outcome
	err := errors.New("workers ended without a word") // so many died of it, or were killed
	if a.of.Attempts <= limit {
		out, err = a.work(ctx)
	}
	stays := errors.Is(err, errFenced) || errors.Is(context.Cause(ctx), errStopping)
	if err != nil && a.of.Attempts >= limit && !stays {
		a.log.Error("import given up", "error", err)
		out, err = gaveUp(a.of.Attempts), nil
	}
	if err == nil {
		err = a.finish(ctx, out)
	}
	return a.settle(ctx, err)
}

// work fetches, inspects and stores, and reports progress meanwhile.
func (a *attempt) work(ctx context.Context) (outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	reporting := make(chan struct{})
	go func() {
		defer close(reporting)
		a.report(ctx, cancel)
	}()
	out, err := a.steps(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errFenced) {
		err = errFenced // whatever it led to
	}
	cancel(nil)
	<-reporting
	return out, err
}

func (a *attempt) steps(ctx context.Context) (out outcome, err error) {
	defer func() {
		if p := recover(); p != nil { // it ends this attempt, not the instance, and frees the import
			err = panicked(p)
		}
	}()
	if err := a.removeAttempts(ctx, a.of.Attempts-1); err != nil { // a dead worker may have left files
		return outcome{}, err
	}
	upload, refusal, err := a.fetch(ctx)
	if err != nil || refusal != nil {
		return outcome{report: refused(refusal)}, err
	}
	defer upload.Close()
	p, err := a.inspect(upload)
	if err != nil || p.archive == nil || p.report.Refused() {
		return outcome{report: p.report}, err
	}
	return a.store(ctx, p)
}

// outcome is how an attempt ends. version nil: the package is refused.
type outcome struct {
	report  content.Report
	version *content.Version
}

func refused(f *content.Finding) content.Report {
	if f == nil {
		return content.Report{}
	}
	return content.Report{Findings: []content.Finding{*f}}
}

// gaveUp ends an import that fails for reasons inside, not in the package.
func gaveUp(attempts int) outcome {
	return outcome{report: refused(&content.Finding{
		Severity: content.SeverityError, Rule: "worker.gave-up",
		Message: fmt.Sprintf("%d attempts to import the package ended in errors of the service; nothing is known to be wrong with the package", attempts),
		Remedy:  "Upload it again. If that ends the same way, the operator of the service finds the reason in its log under this import.",
	})}
}

// finish removes what a refused package left, ends the import, and removes the upload. After an error of the database
// nobody knows whether the import was ended with these files, so none of them is removed; whoever holds the next lease
// knows that it was not.
func (a *attempt) finish(ctx context.Context, o outcome) error {
	if o.version == nil {
		if err := a.removeAttempts(ctx, a.of.Attempts); err != nil {
			return err
		}
	}
	o.report.Findings = sorted(o.report.Findings)
	// Stopping in the middle of this would hide from everybody whether it is done.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := a.DB.ReportProgress(ctx, a.of.TenantID, a.of.ID, a.token, a.progress.done(), orElse(a.Lease, defaultLease)); err != nil {
		a.log.Warn("progress could not be reported", "error", err)
	}
	number, err := a.DB.FinishImport(ctx, a.of.TenantID, a.of.ID, a.token, o.report, o.version)
	switch {
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound): // taken over, or erased
		return errFenced
	case err != nil:
		return fmt.Errorf("finish: %w", err)
	}
	if o.version != nil && a.Observe != nil {
		a.Observe(o.version.Files, o.version.Bytes)
	}
	a.log.Info("import finished", "version", number, "files", o.report.Files, "bytes", o.report.Bytes, "findings", len(o.report.Findings), "refused", o.version == nil)
	if err := a.remove(ctx, content.UploadKey(a.of.TenantID, a.of.ID)); err != nil {
		return &Later{After: orElse(a.Retry, defaultRetryImport), Err: err} // it is finished; who comes again only removes the upload
	}
	return nil
}

// settle lets go of the import after an error, for whoever comes next.
func (a *attempt) settle(ctx context.Context, err error) error {
	var later *Later
	if err == nil || errors.As(err, &later) {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if errors.Is(err, errFenced) {
		a.log.Warn("import was taken over by another worker")
		if err := a.remove(last, content.FilePrefix(a.of.TenantID, a.contentID)); err != nil {
			a.log.Warn("what an attempt left is still there", "contentId", a.contentID, "error", err)
		}
		return nil
	}
	after := min(orElse(a.Retry, defaultRetryImport)<<min(a.of.Attempts-1, 10), longestRetry)
	if errors.Is(context.Cause(ctx), errStopping) {
		after = 0 // nothing is wrong with it
	}
	lease := after - after/10 // it has ended when the message comes
	if err := a.DB.ReportProgress(last, a.of.TenantID, a.of.ID, a.token, a.progress.read(), lease); err != nil {
		a.log.Warn("the lease was not let go; it ends by itself", "error", err)
	}
	return &Later{After: after, Err: fmt.Errorf("worker: attempt %d at import %s: %w", a.of.Attempts, a.of.ID, err)}
}

// removeAttempts removes what the first n attempts stored.
func (a *attempt) removeAttempts(ctx context.Context, n int) error {
	for i := 1; i <= n; i++ {
		if err := a.remove(ctx, content.FilePrefix(a.of.TenantID, content.AttemptID(a.of.ID, i))); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) remove(ctx context.Context, prefix string) error {
	if err := a.Store.DeletePrefix(ctx, prefix); err != nil {
		return fmt.Errorf("remove %s: %w", prefix, err)
	}
	return nil
}

// sorted has errors first, then goes by file and line. It is never nil.
func sorted(list []content.Finding) []content.Finding {
	list = append([]content.Finding{}, list...)
	slices.SortStableFunc(list, func(a, b content.Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return list
}
