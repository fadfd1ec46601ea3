package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

type newRetention struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		KeepMonths int  `json:"keepMonths" minimum:"0" maximum:"1200" doc:"0: nothing is removed."`
		Archive    bool `json:"archive,omitempty" doc:"Write what is removed to the object store before."`
	}
}

func (a *api) addRetention(h huma.API) {
	tags := []string{"erasing"}
	register(a, h, huma.Operation{
		OperationID: "get-retention", Method: http.MethodGet, Path: "/retention", Tags: tags, Summary: "How long the tenant keeps what learners did",
	}, rules{scope: tenant.ScopeRead}, func(ctx context.Context, _ *struct{}) (*body[postgres.Retention], error) {
		return found(a.DB.Retention(ctx, caller(ctx).TenantID))
	})
	register(a, h, huma.Operation{
		OperationID: "set-retention", Method: http.MethodPut, Path: "/retention", Tags: tags,
		Summary: "Set how long the tenant keeps what learners did",
		Description: "In the course of hours, attempts are removed that nothing was committed to for so many months, with their launches and events; a registration " +
			"goes with its last attempt. With archive they are written to the object store before, where an export still finds them and an erasure removes them. " +
			"Events are kept for 30 days at most, and remembered answers for a day, whatever is set here.",
	}, rules{scope: tenant.ScopeErase}, func(ctx context.Context, in *newRetention) (*body[postgres.Retention], error) {
		r := postgres.Retention{KeepMonths: in.Body.KeepMonths, Archive: in.Body.Archive}
		return found(r, a.DB.SetRetention(ctx, caller(ctx).TenantID, r))
	})
}
