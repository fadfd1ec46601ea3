package httpapi

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

// exportFormat grows when the files of an export change.
const exportFormat = "lectern-export/1"

// exportHead is export.json.
type exportHead struct {
	Format    string    `json:"format"`
	Tenant    string    `json:"tenant"`
	LearnerID string    `json:"learnerId,omitempty"`
	MadeAt    time.Time `json:"madeAt"`
}

const exportText = "A ZIP of JSON lines, written while it is sent: export.json, registrations/ID.jsonl, and archive/ID.jsonl for attempts that were archived. " +
	"docs/reference/export.md describes them. If something fails on the way the connection breaks, and the file is no whole ZIP. "

func (a *api) addExports(h huma.API) {
	tags, r := []string{"erasing"}, rules{scope: tenant.ScopeRead, downloads: true}
	file := map[string]*huma.Response{
		"200": {Description: "The export", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}},
	}
	file["default"] = problemResponse(h)
	register(a, h, huma.Operation{
		OperationID: "export-learner", Method: http.MethodPost, Path: "/learners/export", Tags: tags, Responses: file,
		Summary: "All that is kept of a learner, as one file", Description: exportText + "404 if nothing is kept. ",
	}, r, a.exportLearner)
	register(a, h, huma.Operation{
		OperationID: "export-tenant", Method: http.MethodGet, Path: "/export", Tags: tags, Responses: file,
		Summary: "All that is kept of the tenant's courses and learners, as one file", Description: exportText + "Courses and their versions are in courses.jsonl, without their files. ",
	}, r, func(_ context.Context, _ *struct{}) (*huma.StreamResponse, error) {
		return a.exportFile("export", func(ctx context.Context, x *export) error {
			if err := x.courses(ctx); err != nil {
				return err
			}
			return x.people(ctx, postgres.RegistrationFilter{}, "")
		}, exportHead{}), nil
	})
}

func (a *api) exportLearner(ctx context.Context, in *learnerBody) (*huma.StreamResponse, error) {
	id, owner := in.Body.LearnerID, caller(ctx).TenantID
	hash := erasure.HashLearner(owner, id)
	kept := errors.New("something is kept")
	filter := postgres.RegistrationFilter{LearnerID: id}
	err := a.DB.EachRegistration(ctx, owner, filter, func(registration.Registration) error { return kept })
	if err == nil {
		err = a.DB.EachArchived(ctx, owner, hash, func(postgres.Archived) error { return kept })
	}
	switch {
	case err == nil:
		return nil, fault.New(fault.NotFound, "nothing is kept of this learner")
	case !errors.Is(err, kept):
		return nil, err
	}
	return a.exportFile("learner", func(ctx context.Context, x *export) error { return x.people(ctx, filter, hash) }, exportHead{LearnerID: id}), nil
}

// export is a ZIP on its way.
type export struct {
	*api
	owner string
	zip   *zip.Writer
}

// exportFile answers with a ZIP that write fills. What fails then can only be told by breaking the connection.
func (a *api) exportFile(name string, write func(context.Context, *export) error, head exportHead) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		ctx := hc.Context()
		hc.SetHeader("Content-Type", "application/zip")
		hc.SetHeader("Content-Disposition", `attachment; filename="`+name+`.zip"`)
		hc.SetStatus(http.StatusOK)
		_, w := humago.Unwrap(hc)
		x := &export{api: a, owner: caller(ctx).TenantID, zip: zip.NewWriter(&pacedWriter{ResponseWriter: w, control: http.NewResponseController(w)})}
		head.Format, head.Tenant, head.MadeAt = exportFormat, x.owner, a.Clock().UTC()
		err := x.file("export.json", func(out io.Writer) error { return encodeJSON(out, head) })
		if err == nil {
			err = write(ctx, x)
		}
		if err == nil {
			err = x.zip.Close()
		}
		if err != nil {
			a.Log.WarnContext(ctx, "an export broke off", "requestId", RequestID(ctx), "reason", err)
			panic(http.ErrAbortHandler)
		}
	}}
}

func (x *export) file(name string, write func(io.Writer) error) error {
	out, err := x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: x.Clock().UTC()})
	if err != nil {
		return err
	}
	return write(out)
}

func (x *export) people(ctx context.Context, f postgres.RegistrationFilter, learnerHash string) error {
	if err := x.DB.EachRegistration(ctx, x.owner, f, func(r registration.Registration) error {
		return x.file("registrations/"+r.ID+".jsonl", func(out io.Writer) error {
			return x.DB.RegistrationRecords(ctx, r, func(line postgres.Record) error { return encodeJSON(out, line) })
		})
	}); err != nil {
		return err
	}
	return x.DB.EachArchived(ctx, x.owner, learnerHash, func(one postgres.Archived) error {
		o, err := x.Store.Get(ctx, one.Key, 0, -1)
		if errors.Is(err, objectstore.ErrNotFound) { // being archived: it is among the registrations still
			return nil
		}
		if err != nil {
			return err
		}
		defer o.Body.Close()
		plain, err := gzip.NewReader(o.Body)
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		return x.file("archive/"+one.AttemptID+".jsonl", func(out io.Writer) error {
			_, err := io.Copy(out, plain) //nolint:gosec // we wrote it
			return err
		})
	})
}

func (x *export) courses(ctx context.Context) error {
	return x.file("courses.jsonl", func(out io.Writer) error {
		return x.DB.EachCourse(ctx, x.owner, func(c content.Course) error {
			return encodeJSON(out, postgres.Record{Record: "course", Data: c})
		}, func(v content.Version) error {
			return encodeJSON(out, postgres.Record{Record: "version", Data: v})
		})
	})
}
