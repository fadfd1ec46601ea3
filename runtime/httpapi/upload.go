package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

// pace is how long one read of an upload, or one write of a file, may take. The server's own deadlines are for whole requests.
const pace = 30 * time.Second

// uploadRate is how many bytes a second an upload must bring on average, after a first minute: one that does not move ends
// after pace, and one that crawls must not hold its place for days.
const uploadRate = 8 << 10

var errCrawls = errors.New("the upload is too slow")

// packageUpload streams its body instead of reading it.
type packageUpload struct {
	ByID

	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (p *packageUpload) Resolve(ctx huma.Context) []error {
	p.request, p.writer = humago.Unwrap(ctx)
	return nil
}

func (a *api) addUpload(h huma.API, tags []string) {
	register(a, h, huma.Operation{
		OperationID: "upload-package", Method: http.MethodPut, Path: "/imports/{id}/package", Tags: tags,
		Summary:     "Upload the package of an import, where the object store takes no uploads itself",
		Description: "An import says in upload whether this is where its package goes. 409 once the import is complete.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}},
	}, rules{scope: tenant.ScopeWrite, streams: true}, a.takePackage)
}

func (a *api) takePackage(ctx context.Context, in *packageUpload) (*struct{}, error) {
	i, err := a.DB.Import(ctx, caller(ctx).TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	size := in.request.ContentLength
	switch {
	case i.State != content.ImportWaiting:
		return nil, fault.New(fault.Conflict, "this import is %s and takes no package any more", i.State)
	case size < 0:
		return nil, newProblem(http.StatusLengthRequired, "an upload needs a Content-Length")
	case size == 0:
		return nil, fault.New(fault.Invalid, "the package is empty")
	case size > a.Limits.PackageBytes:
		return nil, fault.New(fault.TooLarge, "a package of %d bytes is over the limit of %d", size, a.Limits.PackageBytes)
	case i.Progress.BytesTotal > 0 && size != i.Progress.BytesTotal:
		return nil, fault.New(fault.Invalid, "the package has %d bytes; the import was begun for %d", size, i.Progress.BytesTotal)
	}
	from := &paced{Reader: in.request.Body, control: http.NewResponseController(in.writer), begun: time.Now()}
	if err := a.Store.Put(ctx, content.UploadKey(i.TenantID, i.ID), from, size, "application/zip"); err != nil {
		if errors.Is(from.broken, errCrawls) {
			return nil, newProblem(http.StatusRequestTimeout, "the upload came too slowly; nothing of it was kept")
		}
		if from.broken != nil {
			return nil, newProblem(http.StatusBadRequest, "the upload broke off; nothing of it was kept")
		}
		return nil, err
	}
	return nil, nil
}

// paced gives every read a deadline of its own, so that an upload may take as long as it moves.
type paced struct {
	io.Reader
	control *http.ResponseController
	begun   time.Time
	next    time.Time // when to move the deadlines again
	came    int64     // bytes
	broken  error     // what the client did
}

func (p *paced) Read(b []byte) (int, error) {
	if now := time.Now(); now.After(p.next) {
		_ = p.control.SetReadDeadline(now.Add(pace)) // where a connection has none, the server's limit stays
		_ = p.control.SetWriteDeadline(now.Add(2 * pace))
		p.next = now.Add(pace / 10)
	}
	if since := time.Since(p.begun); since > time.Minute && float64(p.came) < since.Seconds()*uploadRate {
		p.broken = errCrawls
		return 0, errCrawls
	}
	n, err := p.Reader.Read(b)
	p.came += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		p.broken = err
	}
	return n, err
}
