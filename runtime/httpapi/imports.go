package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/objectstore"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
	"github.com/lectern/lectern/runtime/worker"
)

// uploadLife is how long a presigned upload may begin.
const uploadLife = time.Hour

type newImport struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		FileName    string `json:"fileName" minLength:"1" maxLength:"255" doc:"As the person's disk has it."`
		Size        int64  `json:"size" minimum:"1" doc:"Of the package, in bytes."`
		ContentType string `json:"contentType,omitempty" maxLength:"100" pattern:"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+$" patternDescription:"a media type" default:"application/zip"`
		Skeleton    bool   `json:"skeleton,omitempty" doc:"Take a package whose launch files are missing, with warnings: an outline to try out before there is content."`
		CourseID    string `json:"courseId,omitempty" format:"uuid" doc:"The course to make a new version of; missing: a new course."`
	}
}

type importWithUpload struct {
	Import content.Import `json:"import"`
	Upload upload         `json:"upload"`
}

// upload is a request that the caller makes next, with the package as its body.
type upload struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers" doc:"To be sent as they are. An upload to this service needs the key too."`
}

func (a *api) addImports(h huma.API) {
	tags := []string{"imports"}
	read, write := rules{scope: tenant.ScopeRead}, rules{scope: tenant.ScopeWrite}
	register(a, h, huma.Operation{
		OperationID: "create-import", Method: http.MethodPost, Path: "/imports", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Begin an import",
		Description: "Make the request in upload with the package, then complete the import.",
	}, write, a.createImport)
	register(a, h, huma.Operation{
		OperationID: "list-imports", Method: http.MethodGet, Path: "/imports", Tags: tags, Summary: "The tenant's imports",
		Description: "Those that were refused too, with their reports.",
	}, read, func(ctx context.Context, in *struct{ Paging }) (*listOutput[content.Import], error) {
		l, err := a.DB.Imports(ctx, caller(ctx).TenantID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "get-import", Method: http.MethodGet, Path: "/imports/{id}", Tags: tags,
		Summary:     "An import: its progress, and its report once it has finished",
		Description: "Ask until state is succeeded or failed, or have a webhook told of import.finished. A failed import has a report with an error.",
	}, read, func(ctx context.Context, in *ByID) (*body[content.Import], error) {
		return found(a.DB.Import(ctx, caller(ctx).TenantID, in.ID))
	})
	register(a, h, huma.Operation{
		OperationID: "complete-import", Method: http.MethodPost, Path: "/imports/{id}/complete", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary:     "Say that the package is uploaded; a worker takes over",
		Description: "409 if the package is not there yet. Saying it again changes nothing.",
	}, write, a.completeImport)
	a.addUpload(h, tags)
}

func (a *api) createImport(ctx context.Context, in *newImport) (*created[importWithUpload], error) {
	b, owner, now := &in.Body, caller(ctx).TenantID, a.Clock().UTC()
	if b.Size > a.Limits.PackageBytes {
		return nil, fault.New(fault.TooLarge, "a package of %d bytes is over the limit of %d", b.Size, a.Limits.PackageBytes)
	}
	if err := a.withinQuota(ctx, tenant.QuotaStorage, b.Size); err != nil {
		return nil, err
	}
	if b.CourseID != "" {
		if _, err := a.DB.Course(ctx, owner, b.CourseID); err != nil {
			return nil, err
		}
	} else {
		if err := a.withinQuota(ctx, tenant.QuotaCourses, 1); err != nil {
			return nil, err
		}
		b.CourseID = uuid.Must(uuid.NewV7()).String()
		if err := a.DB.CreateCourse(ctx, content.Course{ID: b.CourseID, TenantID: owner, CreatedAt: now}); err != nil {
			return nil, err
		}
	}
	i := content.Import{
		ID: uuid.Must(uuid.NewV7()).String(), TenantID: owner, CourseID: b.CourseID, FileName: b.FileName, Skeleton: b.Skeleton,
		State: content.ImportWaiting, Progress: content.Progress{BytesTotal: b.Size}, CreatedAt: now,
	}
	if err := a.DB.CreateImport(ctx, i); err != nil {
		return nil, err
	}
	u, err := a.uploadOf(ctx, i, b.Size, b.ContentType)
	if err != nil {
		return nil, err
	}
	return &created[importWithUpload]{Location: apiPrefix + "/imports/" + i.ID, Body: importWithUpload{i, u}}, nil
}

func (a *api) uploadOf(ctx context.Context, i content.Import, size int64, contentType string) (upload, error) {
	signed, ok, err := a.Store.PresignPut(ctx, content.UploadKey(i.TenantID, i.ID), size, contentType, uploadLife)
	if err != nil {
		return upload{}, fmt.Errorf("presign the upload: %w", err)
	}
	if !ok {
		return upload{
			Method: http.MethodPut, URL: a.PublicURL + apiPrefix + "/imports/" + i.ID + "/package",
			Headers: map[string]string{"Content-Type": contentType},
		}, nil
	}
	u := upload{Method: signed.Method, URL: signed.URL, Headers: map[string]string{}}
	for name := range signed.Header {
		u.Headers[name] = signed.Header.Get(name)
	}
	return u, nil
}

func (a *api) completeImport(ctx context.Context, in *ByID) (*body[content.Import], error) {
	owner := caller(ctx).TenantID
	i, err := a.DB.Import(ctx, owner, in.ID)
	if err != nil {
		return nil, err
	}
	if i.State != content.ImportWaiting { // said before
		return &body[content.Import]{i}, nil
	}
	info, err := a.Store.Stat(ctx, content.UploadKey(owner, i.ID))
	switch {
	case errors.Is(err, objectstore.ErrNotFound):
		return nil, fault.New(fault.Conflict, "the package of this import is not uploaded yet")
	case err != nil:
		return nil, fmt.Errorf("look for the package: %w", err)
	case info.Size > a.Limits.PackageBytes:
		return nil, fault.New(fault.TooLarge, "the package has %d bytes, which is over the limit of %d", info.Size, a.Limits.PackageBytes)
	}
	if err := a.DB.QueueImport(ctx, owner, i.ID); err != nil {
		return nil, err
	}
	postgres.Afterwards(ctx, func() { // a worker must find it queued
		err := worker.Send(ctx, a.Queue, worker.Message{Kind: worker.KindImport, TenantID: owner, ID: i.ID})
		if err != nil { // the import is queued in the database, and the sweeper finds it
			a.Log.WarnContext(ctx, "no worker was told of an import", "requestId", RequestID(ctx), "importId", i.ID, "reason", err)
		}
	})
	return found(a.DB.Import(ctx, owner, i.ID))
}
