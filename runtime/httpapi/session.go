package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/httpapi/strictjson"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
)

// session is all that the player needs.
type session struct {
	Session     string               `json:"session"`     // the token for reading this again
	CommitToken string               `json:"commitToken"` // for commits alone: what may wait in the browser's storage
	ExpiresAt   time.Time            `json:"expiresAt"`
	Launch      sessionLaunch        `json:"launch"`
	Learner     registration.Learner `json:"learner"`
	Structure   content.Structure    `json:"structure"`
	ContentBase string               `json:"contentBase"` // path that launch addresses are relative to
	Limits      sessionLimits        `json:"limits"`
	Attempt     sessionAttempt       `json:"attempt"`
	CommitURL   string               `json:"commitUrl"`
	Sequence    int64                `json:"sequence"` // the newest of this launch, to count on from
}

type sessionLaunch struct {
	ID        string      `json:"id"`
	Mode      launch.Mode `json:"mode"`
	ReturnURL string      `json:"returnUrl"`
}

type sessionLimits struct {
	SuspendData int `json:"suspendData"` // characters
}

type sessionAttempt struct {
	Number     int                     `json:"number"` // 0 in a preview
	Result     attempt.Result          `json:"result"`
	State      json.RawMessage         `json:"state"` // null until the player commits one
	Activities []attempt.ActivityState `json:"activities"`
}

// previewLearner stands for whoever looks at a course without being registered.
var previewLearner = registration.Learner{ID: "preview", Name: "Preview"}

// openLaunch redeems a link. What can be missing is read before that, so that a database in trouble does not cost the learner the link.
func (a *api) openLaunch(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(postgres.FromPrimary(r.Context()), requestTime)
	defer cancel()
	b, p := a.admit(w, r, "", openBytes, false) // nobody knows yet whose it is
	defer b.done()
	var text []byte
	if p == nil {
		text, p = b.json()
	}
	if p != nil {
		writeProblem(w, r, p)
		return
	}
	var in struct {
		Token string `json:"token"`
	}
	if err := strictjson.Decode(text, &in); err != nil || !isJSON(r.Header.Get("Content-Type")) {
		writeProblem(w, r, newProblem(http.StatusBadRequest, `the body must be JSON: {"token": "…"}`))
		return
	}
	now := a.Clock()
	tenantID, id, err := a.Keys.CheckLink(in.Token, now)
	if err != nil {
		a.answer(w, r, nil, err)
		return
	}
	b.done()
	release, ok := a.takeTurn(ctx, tenantID)
	if !ok {
		writeProblem(w, r, errBusy())
		return
	}
	defer release()
	s, err := a.prepare(ctx, tenantID, id)
	if err == nil {
		err = a.atHome(r, &s.launch)
	}
	if err == nil {
		s.launch, err = a.DB.OpenLaunch(ctx, tenantID, id, now, launch.SessionLife)
	}
	if err != nil {
		a.answer(w, r, nil, orGone(err))
		return
	}
	doc, err := a.document(ctx, s)
	a.answer(w, r, doc, orGone(err))
}

// readSession answers the document again, for a page that was reloaded.
func (a *api) readSession(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(postgres.FromPrimary(r.Context()), requestTime)
	defer cancel()
	token, _ := bearer(r.Header.Get("Authorization"))
	claimed, err := a.Keys.CheckSession(token, a.Clock())
	if err != nil {
		a.answer(w, r, nil, err)
		return
	}
	release, ok := a.takeTurn(ctx, claimed.TenantID)
	if !ok {
		writeProblem(w, r, errBusy())
		return
	}
	defer release()
	s, err := a.prepare(ctx, claimed.TenantID, claimed.LaunchID)
	if err == nil {
		err = a.atHome(r, &s.launch)
	}
	switch {
	case err != nil:
	case s.launch.OpenedAt == nil || s.launch.ExpiresAt == nil || s.launch.EndedAt != nil:
		err = errEnded
	}
	if err != nil {
		a.answer(w, r, nil, orGone(err))
		return
	}
	doc, err := a.document(ctx, s)
	a.answer(w, r, doc, orGone(err))
}

// opening is what does not change while a launch is open.
type opening struct {
	launch  launch.Launch
	course  content.Course
	version content.Version
	learner registration.Learner
}

func (a *api) prepare(ctx context.Context, tenantID, launchID string) (o opening, err error) {
	if o.launch, err = a.DB.Launch(ctx, tenantID, launchID); err != nil {
		return o, err
	}
	if o.course, err = a.DB.Course(ctx, tenantID, o.launch.CourseID); err != nil {
		return o, err
	}
	if o.version, err = a.DB.Version(ctx, tenantID, o.launch.CourseID, o.launch.Version); err != nil {
		return o, err
	}
	o.learner = previewLearner
	if o.launch.RegistrationID != "" {
		r, err := a.DB.Registration(ctx, tenantID, o.launch.RegistrationID)
		if err != nil {
			return o, err
		}
		o.learner = r.Learner
	}
	a.courses.put(tenantID+"/"+launchID, courseOf(&o.course, &o.version), a.Clock())
	return o, nil
}

// document reads the attempt after the launch has its fence, so nothing older is committed any more.
func (a *api) document(ctx context.Context, o opening) (*session, error) {
	l := &o.launch
	doc := &session{
		ExpiresAt: l.ExpiresAt.UTC(), Launch: sessionLaunch{ID: l.ID, Mode: l.Mode, ReturnURL: l.ReturnURL}, Learner: o.learner,
		Structure: o.version.Structure, Limits: sessionLimits{suspendDataLimit(&o.course, o.version.Structure.Standard)},
		ContentBase: launch.ContentPath(a.Keys.SignGrant(a.players.Host(l.TenantID, l.CourseID), l.TenantID, o.version.ContentID, *l.ExpiresAt), l.TenantID, o.version.ContentID, ""),
		Attempt: sessionAttempt{
			Result:     attempt.Result{Completion: attempt.CompletionUnknown, Success: attempt.SuccessUnknown},
			Activities: []attempt.ActivityState{},
		},
		CommitURL: commitPath,
	}
	if l.Mode != launch.ModeBrowse {
		t, err := a.DB.Attempt(ctx, l.TenantID, l.AttemptID)
		if err != nil {
			return nil, err
		}
		if l.Mode == launch.ModeNormal && t.Fence > l.Fence {
			return nil, fault.New(fault.Gone, "this course has been opened anew since; go on there")
		}
		states, err := a.DB.Activities(ctx, l.TenantID, l.AttemptID)
		if err != nil {
			return nil, err
		}
		if t.AppliedFence == l.Fence {
			doc.Sequence = t.AppliedSequence
		}
		doc.Attempt = sessionAttempt{Number: t.Number, Result: t.Result, State: t.State, Activities: states}
		if states == nil {
			doc.Attempt.Activities = []attempt.ActivityState{}
		}
	}
	token := launch.Session{LaunchID: l.ID, TenantID: l.TenantID, AttemptID: l.AttemptID, Fence: l.Fence, Mode: l.Mode, ExpiresAt: *l.ExpiresAt}
	doc.Session, doc.CommitToken = a.Keys.SignSession(token), a.Keys.SignCommit(token)
	return doc, nil
}

// answer writes v, or the problem that err is.
func (a *api) answer(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		p := problemOf(r.Context(), a.Log, err)
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="lectern", error="invalid_token"`)
		}
		writeProblem(w, r, p)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = encodeJSON(w, v) // the client has gone; nobody is left to tell
}
