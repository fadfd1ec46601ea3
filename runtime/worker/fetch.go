package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/objectstore"
)

// fetch brings the upload to the disk: reading an archive jumps, and object stores bill each jump. The file has no name
// any more when it is returned, so nothing is left of it however this process ends.
func (a *attempt) fetch(ctx context.Context) (*os.File, *content.Finding, error) {
	limit := orElse(a.MaxUpload, defaultMaxUpload)
	o, err := a.Store.Get(ctx, content.UploadKey(a.of.TenantID, a.of.ID), 0, -1)
	if errors.Is(err, objectstore.ErrNotFound) {
		return nil, &content.Finding{Severity: content.SeverityError, Rule: "worker.upload-missing", Message: "the import was started, and there is no uploaded package", Remedy: "Upload the package, then start the import."}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("fetch the upload: %w", err)
	}
	defer o.Body.Close()
	if o.Size > limit {
		return nil, &content.Finding{Severity: content.SeverityError, Rule: "worker.upload-too-large", Message: fmt.Sprintf("the package has %d bytes; at most %d are taken", o.Size, limit), Remedy: "Leave out what the course does not need, or split it into several courses."}, nil
	}
	a.progress.begin(stepFetch, 1, o.Size)
	f, err := os.CreateTemp(orElse(a.TempDir, "/var/tmp"), "lectern-import-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a file for the upload: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("take the name of a temporary file away: %w", err)
	}
	n, err := io.Copy(f, &counted{r: o.Body, p: &a.progress, ctx: ctx})
	if err == nil && n != o.Size {
		err = fmt.Errorf("%d of %d bytes came: %w", n, o.Size, io.ErrUnexpectedEOF)
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("fetch the upload: %w", err)
	}
	return f, nil, nil
}

// counted adds what is read to the progress, and ends with ctx.
type counted struct {
	r   io.Reader
	p   *progress
	ctx context.Context
}

func (c *counted) Read(b []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	n, err := c.r.Read(b)
	c.p.add(0, int64(n))
	return n, err
}
