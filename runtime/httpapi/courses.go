package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

type patchCourse struct {
	ByID
	Body struct {
		_ struct{} `additionalProperties:"false"`

		Title            *string `json:"title,omitempty" minLength:"1" maxLength:"500"`
		SuspendDataLimit *int    `json:"suspendDataLimit,omitempty" minimum:"0" maximum:"500000" doc:"Characters of suspend_data; 0: the standard's own limit."`
	}
}

// versionSummary is a version without its structure, which can be long.
type versionSummary struct {
	Number    int              `json:"number"`
	Title     string           `json:"title" doc:"As the package says."`
	Standard  content.Standard `json:"standard"`
	Edition   string           `json:"edition,omitempty"`
	Files     int              `json:"files"`
	Bytes     int64            `json:"bytes"`
	CreatedAt time.Time        `json:"createdAt"`
}

type oneVersion struct {
	ByID
	Number int `path:"number" minimum:"1" maximum:"2147483647"`
}

func (a *api) addCourses(h huma.API) {
	tags := []string{"courses"}
	read, write := rules{scope: tenant.ScopeRead}, rules{scope: tenant.ScopeWrite}
	register(a, h, huma.Operation{
		OperationID: "list-courses", Method: http.MethodGet, Path: "/courses", Tags: tags, Summary: "The tenant's courses",
		Description: "A course without a version (latestVersion 0) cannot be launched yet.",
	}, read, func(ctx context.Context, in *struct{ Paging }) (*listOutput[content.Course], error) {
		l, err := a.DB.Courses(ctx, caller(ctx).TenantID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "get-course", Method: http.MethodGet, Path: "/courses/{id}", Tags: tags, Summary: "A course",
		Description: "Its versions, with what the packages say of themselves, have addresses of their own.",
	}, read, func(ctx context.Context, in *ByID) (*body[content.Course], error) {
		return found(a.DB.Course(ctx, caller(ctx).TenantID, in.ID))
	})
	register(a, h, huma.Operation{
		OperationID: "update-course", Method: http.MethodPatch, Path: "/courses/{id}", Tags: tags,
		Summary:     "Change a course's title or its limit of suspend_data; what is left out stays",
		Description: "The title is what people see here; the versions keep the title of their package. A new limit holds for launches that are opened from then on.",
	}, write, func(ctx context.Context, in *patchCourse) (*body[content.Course], error) {
		c, err := a.DB.Course(ctx, caller(ctx).TenantID, in.ID)
		if err != nil {
			return nil, err
		}
		if in.Body.Title != nil {
			c.Title = *in.Body.Title
		}
		if in.Body.SuspendDataLimit != nil {
			c.SuspendDataLimit = *in.Body.SuspendDataLimit
		}
		return found(c, a.DB.UpdateCourse(ctx, c))
	})
	register(a, h, huma.Operation{
		OperationID: "list-versions", Method: http.MethodGet, Path: "/courses/{id}/versions", Tags: tags, Summary: "A course's versions",
		Description: "Each import that succeeded made one. They never change: attempts keep the version that they began at.",
	}, read, func(ctx context.Context, in *pageByID) (*listOutput[versionSummary], error) {
		if _, err := a.DB.Course(ctx, caller(ctx).TenantID, in.ID); err != nil {
			return nil, err
		}
		l, err := a.DB.Versions(ctx, caller(ctx).TenantID, in.ID, in.page())
		short := postgres.List[versionSummary]{Next: l.Next}
		for i := range l.Items {
			short.Items = append(short.Items, summaryOf(&l.Items[i]))
		}
		return listed(&in.Paging, short, err)
	})
	register(a, h, huma.Operation{
		OperationID: "get-version", Method: http.MethodGet, Path: "/courses/{id}/versions/{number}", Tags: tags,
		Summary:     "A version of a course, with its structure",
		Description: "The structure is what the package says of itself: activities, what launches them, and sequencing.",
	}, read, func(ctx context.Context, in *oneVersion) (*body[content.Version], error) {
		return found(a.DB.Version(ctx, caller(ctx).TenantID, in.ID, in.Number))
	})
}

func summaryOf(v *content.Version) versionSummary {
	return versionSummary{
		Number: v.Number, Title: v.Structure.Title, Standard: v.Structure.Standard, Edition: v.Structure.Edition,
		Files: v.Files, Bytes: v.Bytes, CreatedAt: v.CreatedAt,
	}
}
