package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

type newLaunch struct {
	ByID
	Body *launchOptions
}

type launchOptions struct {
	_ struct{} `additionalProperties:"false"`

	Mode      launch.Mode `json:"mode,omitempty" enum:"normal,review,browse" doc:"normal, if missing, tracks; review shows the attempt and changes nothing; browse neither reads nor keeps anything."`
	AttemptID string      `json:"attemptId,omitempty" format:"uuid" doc:"Missing: the latest attempt."`
	ReturnURL string      `json:"returnUrl,omitempty" maxLength:"2000" doc:"Where the player goes at the end: http or https."`
}

type newPreview struct {
	ByID
	Body *previewOptions
}

type previewOptions struct {
	_ struct{} `additionalProperties:"false"`

	Version   int    `json:"version,omitempty" minimum:"1" maximum:"2147483647" doc:"Missing: the latest."`
	ReturnURL string `json:"returnUrl,omitempty" maxLength:"2000" doc:"Where the player goes at the end: http or https."`
}

// launchLink is for one person to open once. Whoever has it gets in, so hand it over as you would a password.
type launchLink struct {
	ID        string    `json:"id" doc:"Of the launch."`
	URL       string    `json:"url" doc:"Opens the course, once."`
	ExpiresAt time.Time `json:"expiresAt" doc:"Until when the link must be opened."`
}

func (a *api) addLaunches(h huma.API) {
	tags := []string{"launches"}
	read, write := rules{scope: tenant.ScopeRead}, rules{scope: tenant.ScopeWrite}
	register(a, h, huma.Operation{
		OperationID: "list-launches", Method: http.MethodGet, Path: "/registrations/{id}/launches", Tags: tags, Summary: "A registration's launch history",
		Description: "Also those that nobody has opened.",
	}, read, func(ctx context.Context, in *pageByID) (*listOutput[launch.Launch], error) {
		if _, err := a.DB.Registration(ctx, caller(ctx).TenantID, in.ID); err != nil {
			return nil, err
		}
		l, err := a.DB.Launches(ctx, caller(ctx).TenantID, in.ID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "create-launch", Method: http.MethodPost, Path: "/registrations/{id}/launches", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Make a launch link for a registration",
		Description: "The link works once, within five minutes, for whoever has it: hand it over as you would a password, and make it when the learner is about to go there.",
	}, write, a.createLaunch)
	register(a, h, huma.Operation{
		OperationID: "create-preview", Method: http.MethodPost, Path: "/courses/{id}/preview", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Make a link that shows a course to somebody who is not registered; nothing is kept",
		Description: "The link works once, within five minutes.",
	}, write, a.createPreview)
	a.addEndLaunch(h, tags)
}

func (a *api) createLaunch(ctx context.Context, in *newLaunch) (*body[launchLink], error) {
	if in.Body == nil {
		in.Body = &launchOptions{}
	}
	if err := checkReturnURL(in.Body.ReturnURL); err != nil {
		return nil, err
	}
	owner := caller(ctx).TenantID
	r, err := a.DB.Registration(ctx, owner, in.ID)
	if err != nil {
		return nil, err
	}
	t, err := a.attemptFor(ctx, owner, r.ID, in.Body.AttemptID)
	if err != nil {
		return nil, err
	}
	return found(a.link(ctx, launch.Launch{
		RegistrationID: r.ID, AttemptID: t.ID, CourseID: r.CourseID, Version: t.Version, Mode: cmp.Or(in.Body.Mode, launch.ModeNormal), ReturnURL: in.Body.ReturnURL,
	}))
}

// attemptFor is the attempt with this id, or the latest one, of a registration.
func (a *api) attemptFor(ctx context.Context, owner, registrationID, id string) (attempt.Attempt, error) {
	if id == "" {
		l, err := a.DB.Attempts(ctx, owner, registrationID, postgres.Page{Limit: 1})
		if err == nil && len(l.Items) == 0 {
			err = fault.New(fault.Conflict, "this registration has no attempt")
		}
		if err != nil {
			return attempt.Attempt{}, err
		}
		return l.Items[0], nil
	}
	t, err := a.DB.Attempt(ctx, owner, id)
	if err == nil && t.RegistrationID != registrationID {
		err = fault.New(fault.NotFound, "this registration has no such attempt")
	}
	return t, err
}

func (a *api) createPreview(ctx context.Context, in *newPreview) (*body[launchLink], error) {
	if in.Body == nil {
		in.Body = &previewOptions{}
	}
	if err := checkReturnURL(in.Body.ReturnURL); err != nil {
		return nil, err
	}
	c, err := a.DB.Course(ctx, caller(ctx).TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	number := in.Body.Version
	switch {
	case c.Latest == 0:
		return nil, fault.New(fault.Conflict, "this course has no version yet; import a package first")
	case number == 0:
		number = c.Latest
	case number > c.Latest:
		return nil, fault.New(fault.NotFound, "this course has no version %d; the latest is %d", number, c.Latest)
	}
	return found(a.link(ctx, launch.Launch{CourseID: c.ID, Version: number, Mode: launch.ModeBrowse, ReturnURL: in.Body.ReturnURL}))
}

func (a *api) link(ctx context.Context, l launch.Launch) (launchLink, error) {
	now := a.Clock().UTC()
	l.ID, l.TenantID = uuid.Must(uuid.NewV7()).String(), caller(ctx).TenantID
	v, err := a.DB.Version(ctx, l.TenantID, l.CourseID, l.Version)
	if err != nil {
		return launchLink{}, err
	}
	if s := v.Structure.Standard; s != content.SCORM12 && s != content.SCORM2004 {
		return launchLink{}, fault.New(fault.Conflict, "a course made as %s cannot be launched yet; SCORM 1.2 and SCORM 2004 can", s)
	}
	if err := a.oneTenantOrigins(ctx); err != nil {
		return launchLink{}, err
	}
	l.CreatedAt, l.LinkExpiresAt = now, now.Add(launch.LinkLife)
	if err := a.DB.CreateLaunch(ctx, l); err != nil {
		return launchLink{}, err
	}
	return launchLink{ID: l.ID, URL: a.players.Link(l.TenantID, l.CourseID, a.Keys.SignLink(l.TenantID, l.ID, l.LinkExpiresAt)), ExpiresAt: l.LinkExpiresAt}, nil
}

// oneTenantOrigins refuses to play where tenants would share an origin. A second tenant is refused when it is made; this is
// for tenants of a time when players had names.
func (a *api) oneTenantOrigins(ctx context.Context) error {
	if a.players.Many() {
		return nil
	}
	all, err := a.DB.Tenants(ctx)
	if err == nil && len(all) > 1 {
		err = fault.New(fault.Conflict, "nothing is launched: there are %d tenants and one name for all their players, so their courses would not be kept apart", len(all))
	}
	return err
}

// checkReturnURL refuses what a browser would run instead of going to.
func checkReturnURL(s string) error {
	if s == "" {
		return nil
	}
	if u, err := url.Parse(s); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return invalid("body.returnUrl", "must be an http or https address without a password")
	}
	return nil
}
