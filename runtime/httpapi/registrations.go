package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

type newRegistration struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		CourseID string `json:"courseId" format:"uuid"`
		Learner  struct {
			_ struct{} `additionalProperties:"false"`

			ID   string `json:"id" minLength:"1" maxLength:"255" doc:"As your system knows the learner."`
			Name string `json:"name" maxLength:"255" doc:"SCORM 1.2 expects Family, Given."`
		} `json:"learner"`
	}
}

type registered struct {
	Status   int
	Location string `header:"Location"`
	Body     registration.Registration
}

type listRegistrations struct {
	Paging
	CourseID  string `query:"courseId" format:"uuid" doc:"Only those for this course."`
	LearnerID string `query:"learnerId" maxLength:"255" doc:"Only those of this learner."`
}

func (a *api) addRegistrations(h huma.API) {
	tags := []string{"registrations"}
	read, write := rules{scope: tenant.ScopeRead}, rules{scope: tenant.ScopeWrite}
	schema := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[registration.Registration](), true, "")
	register(a, h, huma.Operation{
		OperationID: "create-registration", Method: http.MethodPost, Path: "/registrations", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Register a learner for a course",
		Description: "A learner is registered for a course once: registering again answers 200 with the registration there is.",
		Responses: map[string]*huma.Response{
			"200":     {Description: "The registration there is", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
			"default": problemResponse(h),
		},
	}, write, a.createRegistration)
	register(a, h, huma.Operation{
		OperationID: "list-registrations", Method: http.MethodGet, Path: "/registrations", Tags: tags, Summary: "The tenant's registrations",
	}, read, func(ctx context.Context, in *listRegistrations) (*listOutput[registration.Registration], error) {
		l, err := a.DB.Registrations(ctx, caller(ctx).TenantID, postgres.RegistrationFilter{CourseID: in.CourseID, LearnerID: in.LearnerID}, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "get-registration", Method: http.MethodGet, Path: "/registrations/{id}", Tags: tags, Summary: "A registration",
	}, read, func(ctx context.Context, in *ByID) (*body[registration.Registration], error) {
		return found(a.DB.Registration(ctx, caller(ctx).TenantID, in.ID))
	})
	register(a, h, huma.Operation{
		OperationID: "list-attempts", Method: http.MethodGet, Path: "/registrations/{id}/attempts", Tags: tags, Summary: "A registration's attempts and their results",
	}, read, func(ctx context.Context, in *pageByID) (*listOutput[attempt.Attempt], error) {
		if _, err := a.DB.Registration(ctx, caller(ctx).TenantID, in.ID); err != nil {
			return nil, err
		}
		l, err := a.DB.Attempts(ctx, caller(ctx).TenantID, in.ID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "create-attempt", Method: http.MethodPost, Path: "/registrations/{id}/attempts", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Begin a new attempt, at the latest version of the course",
	}, write, func(ctx context.Context, in *ByID) (*created[attempt.Attempt], error) {
		t, err := a.DB.CreateAttempt(ctx, caller(ctx).TenantID, in.ID)
		return &created[attempt.Attempt]{Location: apiPrefix + "/attempts/" + t.ID, Body: t}, err
	})
}

func (a *api) createRegistration(ctx context.Context, in *newRegistration) (*registered, error) {
	r, isNew, err := a.DB.CreateRegistration(ctx, registration.Registration{
		ID: uuid.Must(uuid.NewV7()).String(), TenantID: caller(ctx).TenantID, CourseID: in.Body.CourseID,
		Learner:   registration.Learner{ID: in.Body.Learner.ID, Name: in.Body.Learner.Name},
		CreatedAt: a.Clock().UTC(),
	})
	if err != nil {
		return nil, err
	}
	out := &registered{Status: http.StatusOK, Location: apiPrefix + "/registrations/" + r.ID, Body: r}
	if isNew {
		out.Status = http.StatusCreated
	}
	return out, nil
}
