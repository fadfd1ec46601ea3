package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/tenant"
)

type newKey struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		Name      string         `json:"name" minLength:"1" maxLength:"200" doc:"What will use it, for people."`
		Scopes    []tenant.Scope `json:"scopes" minItems:"1" maxItems:"3" uniqueItems:"true" enum:"read,write,keys" nullable:"false"`
		ExpiresAt *time.Time     `json:"expiresAt,omitempty" doc:"Missing: never."`
	}
}

type keyWithSecret struct {
	Key    tenant.Key `json:"key"`
	Secret string     `json:"secret" doc:"The text to send as bearer token. It is shown here and never again."`
}

func (a *api) addKeys(h huma.API) {
	tags := []string{"keys"}
	register(a, h, huma.Operation{
		OperationID: "list-keys", Method: http.MethodGet, Path: "/keys", Tags: tags, Summary: "The tenant's keys, without their secrets",
		Description: "Those that have ended too.",
	}, rules{scope: tenant.ScopeKeys}, func(ctx context.Context, in *struct{ Paging }) (*listOutput[tenant.Key], error) {
		l, err := a.DB.Keys(ctx, caller(ctx).TenantID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "create-key", Method: http.MethodPost, Path: "/keys", Tags: tags, DefaultStatus: http.StatusCreated, Summary: "Make a key",
		Description: "The secret is in the answer and nowhere else.",
	}, rules{scope: tenant.ScopeKeys, shownOnce: true}, func(ctx context.Context, in *newKey) (*body[keyWithSecret], error) {
		if isPast(in.Body.ExpiresAt, a.Clock()) {
			return nil, invalid("body.expiresAt", "is in the past")
		}
		return found(a.makeKey(ctx, in.Body.Name, in.Body.Scopes, in.Body.ExpiresAt))
	})
	register(a, h, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Tags: tags,
		Summary:     "Revoke a key; it may be taken for half a minute more",
		Description: "Whatever uses it is refused from then on.",
	}, rules{scope: tenant.ScopeKeys}, func(ctx context.Context, in *ByID) (*struct{}, error) {
		if err := a.DB.RevokeKey(ctx, caller(ctx).TenantID, in.ID, a.Clock()); err != nil {
			return nil, err
		}
		a.keys.forget(in.ID)
		return nil, nil
	})
	a.addKeyRotation(h, tags)
}

func (a *api) makeKey(ctx context.Context, name string, scopes []tenant.Scope, expires *time.Time) (keyWithSecret, error) {
	k, text, hash := tenant.NewKey(caller(ctx).TenantID, name, scopes, a.Clock(), expires)
	if err := a.DB.CreateKey(ctx, k, hash); err != nil {
		return keyWithSecret{}, err
	}
	return keyWithSecret{Key: k, Secret: text}, nil
}

func invalid(path, message string) error {
	return &fault.Error{Code: fault.Invalid, Message: "validation failed", Fields: []fault.Field{{Path: path, Message: message}}}
}
