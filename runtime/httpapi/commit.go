package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/httpapi/commits"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
)

const (
	commitPath  = apiPrefix + "/commits"
	commitBytes = 1 << 20
	commitTime  = 15 * time.Second // a failover may take longer; the player sends again
)

// Outcome of a request that was no commit, for ObserveCommit.
const outcomeRefused = "refused"

type committed struct {
	Outcome attempt.Outcome `json:"outcome" enum:"applied,duplicate,ordered,superseded"`
}

// addCommits puts the operation beside huma, not into it: nearly all requests are commits, and the session's token is no key.
// The document describes it like the others.
func (a *api) addCommits(h huma.API, mux *http.ServeMux) {
	schemas := h.OpenAPI().Components.Schemas
	request := schemas.Schema(reflect.TypeFor[commits.CommitRequest](), true, "")
	h.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "commit", Method: http.MethodPost, Path: commitPath, Tags: []string{"player"},
		Summary: "Keep the state of one activity",
		Description: "Sent by the player. Answered after it is durable; sending the same again is harmless. " +
			"Taken for 30 days after the launch, since a browser may have been away. On 503, or with no answer, keep it and send it again.",
		Security:    []map[string][]string{{schemeSession: {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: request}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "Durable, or superseded by what is", Content: map[string]*huma.MediaType{
				"application/json": {Schema: schemas.Schema(reflect.TypeFor[committed](), true, "")},
			}},
			"default": problemResponse(h),
		},
	})
	mux.HandleFunc("POST "+commitPath, a.commit)
}

func (a *api) commit(w http.ResponseWriter, r *http.Request) {
	outcome, err := a.takeCommit(r)
	if err != nil {
		a.ObserveCommit(outcomeRefused)
		a.answer(w, r, nil, orGone(err))
		return
	}
	a.ObserveCommit(string(outcome))
	a.answer(w, r, committed{outcome}, nil)
}

func (a *api) takeCommit(r *http.Request) (attempt.Outcome, error) {
	token, _ := bearer(r.Header.Get("Authorization"))
	s, err := a.Keys.CheckLateSession(token, a.Clock())
	if err != nil {
		return "", err
	}
	if s.Mode != launch.ModeNormal || s.AttemptID == "" {
		return "", fault.New(fault.Conflict, "a launch in mode %s keeps nothing", s.Mode)
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return "", newProblem(http.StatusUnsupportedMediaType, "a commit is application/json")
	}
	text, p := readJSON(r, commitBytes)
	if p != nil {
		return "", p
	}
	in, err := commits.Decode(text)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(postgres.FromPrimary(r.Context()), commitTime)
	defer cancel()
	course, err := a.courseFor(ctx, s.TenantID, s.LaunchID)
	if err != nil {
		return "", err
	}
	c, err := in.Check(&course)
	if err != nil {
		return "", err
	}
	c.TenantID, c.AttemptID, c.LaunchID, c.Fence = s.TenantID, s.AttemptID, s.LaunchID, s.Fence
	return a.DB.Commit(ctx, c)
}
