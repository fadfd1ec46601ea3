package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

// erased is an erasure as it is shown.
type erased struct {
	erasure.Erasure
	Remains []erasure.Remain `json:"remains" nullable:"false" doc:"Where something of it may still be once it is finished, and until when."`
}

type erasing struct {
	Location string `header:"Location"`
	Body     erased
}

// Cascading is the input of deletions that take what hangs on the thing with it.
type Cascading struct {
	Cascade bool `query:"cascade" doc:"Also delete what refers to it: registrations, attempts and their data."`
}

type deleteCourse struct {
	ByID
	Cascading
}

type deleteVersion struct {
	ByID
	Cascading
	Number int `path:"number" minimum:"1" maximum:"2147483647"`
}

// learnerBody names a learner. It is a body and no address, since addresses are in the access logs of load balancers and proxies.
type learnerBody struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		LearnerID string `json:"learnerId" minLength:"1" maxLength:"255" doc:"As your system knows the learner."`
	}
}

const erasureText = "Answered at once with the erasure, which is the receipt once its state is finished; that takes some minutes, or as long as there is much to delete. " +
	"It survives the death of any server. Asking again answers with the same erasure. "

func (a *api) addErasures(h huma.API) {
	tags, erase := []string{"erasing"}, rules{scope: tenant.ScopeErase}
	deletion := func(id, path, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodDelete, Path: path, Tags: tags, DefaultStatus: http.StatusAccepted, Summary: summary, Description: description + erasureText,
		}
	}
	register(a, h, deletion("delete-course", "/courses/{id}", "Delete a course with its versions and files",
		"The course is gone from the first moment. 409 if learners are registered for it, or were and are archived, unless cascade is true. "),
		erase, func(ctx context.Context, in *deleteCourse) (*erasing, error) {
			return a.erase(ctx, erasure.Erasure{Kind: erasure.Course, Subject: in.ID}, in.Cascade)
		})
	register(a, h, deletion("delete-version", "/courses/{id}/versions/{number}", "Delete a version of a course with its files",
		"409 if it is the latest, which new attempts begin with, or if attempts are at it, unless cascade is true; their registrations stay. "),
		erase, func(ctx context.Context, in *deleteVersion) (*erasing, error) {
			return a.erase(ctx, erasure.Erasure{Kind: erasure.Version, Subject: in.ID, Version: in.Number}, in.Cascade)
		})
	register(a, h, deletion("delete-registration", "/registrations/{id}", "Delete a registration with its attempts and all that was tracked",
		"Launches that are open end: the player says so, and what it still sends is answered 410. "),
		erase, func(ctx context.Context, in *ByID) (*erasing, error) {
			return a.erase(ctx, erasure.Erasure{Kind: erasure.Registration, Subject: in.ID}, true)
		})
	register(a, h, deletion("delete-attempt", "/attempts/{id}", "Delete an attempt with all that was tracked",
		"Its registration stays. Launches that are open end: the player says so, and what it still sends is answered 410. "),
		erase, func(ctx context.Context, in *ByID) (*erasing, error) {
			return a.erase(ctx, erasure.Erasure{Kind: erasure.Attempt, Subject: in.ID}, true)
		})
	register(a, h, huma.Operation{
		OperationID: "erase-learner", Method: http.MethodPost, Path: "/learners/erase", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary: "Erase a learner: all registrations, attempts, results, launches, events and archives",
		Description: "A learner who is not known is erased too, with a receipt that counts nothing. Until it is finished the learner cannot be registered. " +
			erasureText,
	}, erase, func(ctx context.Context, in *learnerBody) (*erasing, error) {
		return a.erase(ctx, erasure.Erasure{Kind: erasure.Learner, Secret: in.Body.LearnerID}, true)
	})
	register(a, h, huma.Operation{
		OperationID: "list-erasures", Method: http.MethodGet, Path: "/erasures", Tags: tags, Summary: "What was erased, and what is being erased",
	}, erase, func(ctx context.Context, in *struct{ Paging }) (*listOutput[erased], error) {
		l, err := a.DB.Erasures(ctx, caller(ctx).TenantID, in.page())
		shown := postgres.List[erased]{Next: l.Next}
		for _, e := range l.Items {
			shown.Items = append(shown.Items, a.receipt(e))
		}
		return listed(&in.Paging, shown, err)
	})
	register(a, h, huma.Operation{
		OperationID: "get-erasure", Method: http.MethodGet, Path: "/erasures/{id}", Tags: tags,
		Summary: "An erasure: how far it is, and the receipt once it has finished",
	}, erase, func(ctx context.Context, in *ByID) (*body[erased], error) {
		e, err := a.DB.Erasure(ctx, caller(ctx).TenantID, in.ID)
		return found(a.receipt(e), err)
	})
}

func (a *api) erase(ctx context.Context, e erasure.Erasure, cascade bool) (*erasing, error) {
	k := caller(ctx)
	e.ID, e.TenantID, e.RequestedBy = uuid.Must(uuid.NewV7()).String(), k.TenantID, k.ID
	e, err := a.DB.BeginErasure(ctx, e, cascade)
	if err != nil {
		return nil, err
	}
	return &erasing{Location: apiPrefix + "/erasures/" + e.ID, Body: a.receipt(e)}, nil
}

func (a *api) receipt(e erasure.Erasure) erased {
	return erased{Erasure: e, Remains: e.Remains(a.Keeps)}
}

// orGone is for whoever comes with a token that was signed here: what it names and is not there has been erased.
func orGone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Because(launchErased, fault.Gone, "this launch has ended: what it was for has been deleted, and nothing of it is kept")
	}
	return err
}
