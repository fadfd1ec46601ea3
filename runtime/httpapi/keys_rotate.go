package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

type rotateKey struct {
	ByID
	Body *rotateOptions
}

type rotateOptions struct {
	_ struct{} `additionalProperties:"false"`

	OverlapSeconds *int `json:"overlapSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long the old key stays valid; a day by default."`
}

func (a *api) addKeyRotation(h huma.API, tags []string) {
	register(a, h, huma.Operation{
		OperationID: "rotate-key", Method: http.MethodPost, Path: "/keys/{id}/rotate", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Replace a key: a new one with its name, scopes and end; the old one ends after an overlap",
		Description: "Only a key that may no more than the one this is asked with: its secret comes with the answer. " +
			"Both keys are good during the overlap, so that nothing stops while the new one is put in place of the old one.",
	}, rules{scope: tenant.ScopeKeys, shownOnce: true}, a.rotateKey)
}

func (a *api) rotateKey(ctx context.Context, in *rotateKey) (*body[keyWithSecret], error) {
	owner, now := caller(ctx).TenantID, a.Clock()
	old, err := a.DB.Key(ctx, owner, in.ID)
	if err != nil {
		return nil, err
	}
	if isPast(old.ExpiresAt, now) || old.RevokedAt != nil {
		return nil, fault.New(fault.Conflict, "this key has ended; make a new one")
	}
	if err := mayGrant(caller(ctx), old.Scopes, old.ExpiresAt); err != nil {
		return nil, err
	}
	overlap := a.Limits.KeyOverlap
	if in.Body != nil && in.Body.OverlapSeconds != nil {
		overlap = time.Duration(*in.Body.OverlapSeconds) * time.Second
	}
	fresh, err := a.makeKey(ctx, old.Name, old.Scopes, old.ExpiresAt)
	if err != nil {
		return nil, err
	}
	if err := a.DB.ExpireKey(ctx, owner, old.ID, now.Add(overlap)); err != nil {
		return nil, err
	}
	a.keys.forget(old.ID)
	return found(fresh, nil)
}
