package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

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
	RegistrationFilter
}

// RegistrationFilter is the input of what is about some registrations.
type RegistrationFilter struct {
	Search        string    `query:"search" maxLength:"200" doc:"Words that begin like these: all of them in the learner's id and name, or all of them in the title of the course. Case does not matter."`
	CourseID      string    `query:"courseId" format:"uuid" doc:"Only those for this course."`
	LearnerID     string    `query:"learnerId" maxLength:"255" doc:"Only those of this learner."`
	Completion    string    `query:"completion" enum:"unknown,not attempted,incomplete,completed" doc:"Only those whose latest attempt has this completion."`
	Success       string    `query:"success" enum:"unknown,failed,passed" doc:"Only those whose latest attempt has this success."`
	ChangedSince  time.Time `query:"changedSince" doc:"Only those whose latest attempt was changed then or later."`
	ChangedBefore time.Time `query:"changedBefore" doc:"Only those whose latest attempt was last changed earlier."`
}

func (f *RegistrationFilter) filter() postgres.RegistrationFilter {
	given := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return postgres.RegistrationFilter{
		CourseID: f.CourseID, LearnerID: f.LearnerID, Search: f.Search,
		Completion: attempt.Completion(f.Completion), Success: attempt.Success(f.Success),
		ChangedSince: given(f.ChangedSince), ChangedBefore: given(f.ChangedBefore),
	}
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
		Description: "With the title of the course and the learner's latest attempt: its result, and when work was last saved. " +
			"With a condition on the attempt a page may hold fewer items than its limit, or none, and still have a next one: go on until there is no next. " +
			"To be told of results as they change, use a webhook instead of asking again and again.",
	}, read, func(ctx context.Context, in *listRegistrations) (*listOutput[registration.Listed], error) {
		l, err := a.DB.Registrations(ctx, caller(ctx).TenantID, in.filter(), in.page())
		return listed(&in.Paging, l, err)
	})
	a.addExport(h, tags)
	register(a, h, huma.Operation{
		OperationID: "get-registration", Method: http.MethodGet, Path: "/registrations/{id}", Tags: tags, Summary: "A registration",
		Description: "Its attempts and launches have addresses of their own.",
	}, read, func(ctx context.Context, in *ByID) (*body[registration.Registration], error) {
		return found(a.DB.Registration(ctx, caller(ctx).TenantID, in.ID))
	})
	register(a, h, huma.Operation{
		OperationID: "list-attempts", Method: http.MethodGet, Path: "/registrations/{id}/attempts", Tags: tags, Summary: "A registration's attempts and their results",
		Description: "Learners have one attempt from the start; more begin only if somebody says so.",
	}, read, func(ctx context.Context, in *pageByID) (*listOutput[attempt.Attempt], error) {
		if _, err := a.DB.Registration(ctx, caller(ctx).TenantID, in.ID); err != nil {
			return nil, err
		}
		l, err := a.DB.Attempts(ctx, caller(ctx).TenantID, in.ID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "create-attempt", Method: http.MethodPost, Path: "/registrations/{id}/attempts", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Begin a new attempt, at the latest version of the course",
		Description: "The attempts before it stay as they are. New launches are of the new attempt.",
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
