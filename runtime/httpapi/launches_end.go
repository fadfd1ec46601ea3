package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/tenant"
)

// errEnded begins with words that the player looks for (session.js).
var errEnded = fault.New(fault.Gone, "this launch has ended; open the course again from where you came")

func (a *api) addEndLaunch(h huma.API, tags []string) {
	register(a, h, huma.Operation{
		OperationID: "end-launch", Method: http.MethodPost, Path: "/launches/{id}/end", Tags: tags,
		Summary: "End a launch",
		Description: "Its link opens nothing any more, its session reads nothing and its commits are refused; what was committed stays. " +
			"The learner is told so. Files of the course can be read with the addresses of the launch until it would have expired. Ending it again changes nothing.",
	}, rules{scope: tenant.ScopeWrite}, a.endLaunch)
}

func (a *api) endLaunch(ctx context.Context, in *ByID) (*body[launch.Launch], error) {
	return found(a.DB.EndLaunch(ctx, caller(ctx).TenantID, in.ID))
}
