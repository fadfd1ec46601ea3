package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/tenant"
)

// endedLife is how long another instance may take commits of a launch that was ended.
const endedLife = 5 * time.Second

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
	owner := caller(ctx).TenantID
	l, err := a.DB.EndLaunch(ctx, owner, in.ID)
	if err == nil {
		a.ended.put(owner+"/"+in.ID, true, a.Clock())
	}
	return found(l, err)
}

// refuseEnded is errEnded for a launch that its tenant has ended.
func (a *api) refuseEnded(ctx context.Context, tenantID, launchID string) error {
	key := tenantID + "/" + launchID
	ended, known := a.ended.get(key, a.Clock())
	if !known {
		var err error
		if ended, err = a.DB.LaunchEnded(ctx, tenantID, launchID); err != nil {
			return err
		}
		a.ended.put(key, ended, a.Clock())
	}
	if ended {
		return errEnded
	}
	return nil
}
