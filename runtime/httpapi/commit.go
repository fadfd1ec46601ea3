package httpapi

import (
	"context"
	"errors"
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
	commitPath = apiPrefix + "/commits"
	commitTime = 15 * time.Second // a failover may take longer; the player sends again
)

// Outcome of a request that was no commit, for ObserveCommit.
const outcomeRefused = "refused"

type committed struct {
	Outcome  attempt.Outcome `json:"outcome" enum:"applied,duplicate,ordered,superseded"`
	Sequence int64           `json:"sequence,omitempty" doc:"With ordered: that of what is stored instead. If the sender has not sent it, somebody else with the same session has."`
}

// jumpProblem is the problem of a sequence that is too far ahead.
type jumpProblem struct {
	huma.ErrorModel
	Newest *int64 `json:"newest,omitempty" doc:"If the sequence jumped: the newest sequence of the launch, to count on from."`
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
			"Taken for 72 hours after the launch, since a browser may have been away, but not after the launch's last commit, or its end: then the answer is 410. " +
			"On 503, or with no answer, keep it and send it again.",
		Security:    []map[string][]string{{schemeSession: {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: request}}},
		Responses: map[string]*huma.Response{
			"200": {Description: "Durable, or superseded by what is", Content: map[string]*huma.MediaType{
				"application/json": {Schema: schemas.Schema(reflect.TypeFor[committed](), true, "")},
			}},
			"409": {Description: "The sequence is too far above the newest of the launch: count on from newest. Or the launch keeps nothing", Content: map[string]*huma.MediaType{
				"application/problem+json": {Schema: schemas.Schema(reflect.TypeFor[jumpProblem](), true, "")},
			}},
			"410":     {Description: "The launch has ended, or it was too long ago", Content: problemResponse(h).Content},
			"default": problemResponse(h),
		},
	})
	mux.HandleFunc("POST "+commitPath, a.commit)
}

func (a *api) commit(w http.ResponseWriter, r *http.Request) {
	receipt, err := a.takeCommit(w, r)
	var jump *attempt.JumpError
	switch {
	case errors.As(err, &jump):
		a.ObserveCommit(outcomeRefused)
		p := &jumpProblem{*problemFor(kindNamed(sequenceJumped), problemOf(r.Context(), a.Log, err).Detail), &jump.Newest}
		p.Instance = instance(r.Context())
		sendProblem(w, p.Status, p)
	case err != nil:
		a.ObserveCommit(outcomeRefused)
		a.answer(w, r, nil, orGone(err))
	default:
		a.ObserveCommit(string(receipt.Outcome))
		a.answer(w, r, committed{receipt.Outcome, receipt.Sequence}, nil)
	}
}

func (a *api) takeCommit(w http.ResponseWriter, r *http.Request) (kept attempt.Receipt, err error) {
	refuse := func(err error) (attempt.Receipt, error) { // the player must read why, or it sends the same for days
		a.discard(&admitted{w: w, r: r})
		return kept, err
	}
	token, _ := bearer(r.Header.Get("Authorization"))
	s, err := a.Keys.CheckCommit(token, a.Clock())
	if err != nil {
		return refuse(err)
	}
	if s.Mode != launch.ModeNormal || s.AttemptID == "" {
		return refuse(fault.New(fault.Conflict, "a launch in mode %s keeps nothing", s.Mode))
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return refuse(newProblem(http.StatusUnsupportedMediaType, "a commit is application/json"))
	}
	b, p := a.admit(w, r, s.TenantID, commitBytes, false)
	defer b.done()
	var text []byte
	if p == nil {
		text, p = b.json()
	}
	if p != nil {
		return kept, p
	}
	in, err := commits.Decode(text)
	if err != nil {
		return kept, err
	}
	ctx, cancel := context.WithTimeout(postgres.FromPrimary(r.Context()), commitTime)
	defer cancel()
	course, err := a.courseFor(ctx, s.TenantID, s.LaunchID)
	if err != nil {
		return kept, err
	}
	c, err := in.Check(&course)
	if err != nil {
		return kept, err
	}
	c.TenantID, c.AttemptID, c.LaunchID, c.Fence = s.TenantID, s.AttemptID, s.LaunchID, s.Fence
	return a.DB.Commit(ctx, c)
}
