package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/tenant"
)

// attemptData is an attempt with everything that is tracked of it.
type attemptData struct {
	attempt.Attempt
	Activities []activityData `json:"activities" nullable:"false" doc:"Those that were opened, in the order of the course."`
}

type activityData struct {
	ActivityID   string                `json:"activityId"`
	Title        string                `json:"title"`
	Commits      int64                 `json:"commits" doc:"How many were applied, over all launches."`
	Result       attempt.Result        `json:"result"`
	Interactions []reportedInteraction `json:"interactions" nullable:"false"`
	Objectives   []reportedObjective   `json:"objectives" nullable:"false"`
	CMI          map[string]string     `json:"cmi" doc:"The data model as the content left it: element → value."`
	UpdatedAt    time.Time             `json:"updatedAt"`
}

func (a *api) addAttempts(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-attempt", Method: http.MethodGet, Path: "/attempts/{id}", Tags: []string{"registrations"},
		Summary:     "An attempt: its result, and what its activities reported",
		Description: "Of each activity that was opened: its result, interactions, objectives, and the whole data model as the content left it.",
	}, rules{scope: tenant.ScopeRead}, a.getAttempt)
}

func (a *api) getAttempt(ctx context.Context, in *ByID) (*body[attemptData], error) {
	owner := caller(ctx).TenantID
	t, err := a.DB.Attempt(ctx, owner, in.ID)
	if err != nil {
		return nil, err
	}
	states, err := a.DB.Activities(ctx, owner, t.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.DB.Version(ctx, owner, t.CourseID, t.Version)
	if err != nil {
		return nil, err
	}
	return &body[attemptData]{attemptData{t, inOrder(&v.Structure, states)}}, nil
}

// inOrder sorts states as the course has its activities.
func inOrder(s *content.Structure, states []attempt.ActivityState) []activityData {
	byActivity := map[string]attempt.ActivityState{}
	for _, state := range states {
		byActivity[state.ActivityID] = state
	}
	list := []activityData{}
	for _, leaf := range s.Leaves() {
		if state, ok := byActivity[leaf.ID]; ok {
			list = append(list, activityData{
				ActivityID: leaf.ID, Title: leaf.Title, Commits: state.Commits, Result: state.Result, CMI: state.CMI, UpdatedAt: state.UpdatedAt,
				Interactions: interactionsOf(state.CMI), Objectives: objectivesOf(state.CMI),
			})
		}
	}
	return list
}
