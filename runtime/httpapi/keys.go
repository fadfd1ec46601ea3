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
		Scopes    []tenant.Scope `json:"scopes" minItems:"1" maxItems:"4" uniqueItems:"true" enum:"read,write,keys,erase" nullable:"false" doc:"No more than the key has that this is asked with."`
		ExpiresAt *time.Time     `json:"expiresAt,omitempty" doc:"Missing: never. A key that ends makes none that ends later."`
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
		OperationID: "create-key", Method: http.MethodPost, Path: "/keys", Tags: tags, DefaultStatus: http.StatusCreated, Summary: "Make a key that may no more than the one it is asked with",
		Description: "The secret is in the answer and nowhere else.",
	}, rules{scope: tenant.ScopeKeys, shownOnce: true}, func(ctx context.Context, in *newKey) (*body[keyWithSecret], error) {
		if isPast(in.Body.ExpiresAt, a.Clock()) {
			return nil, invalid("body.expiresAt", "is in the past")
		}
		if err := mayGrant(caller(ctx), in.Body.Scopes, in.Body.ExpiresAt); err != nil {
			return nil, err
		}
		return found(a.makeKey(ctx, in.Body.Name, in.Body.Scopes, in.Body.ExpiresAt))
	})
	register(a, h, huma.Operation{
		OperationID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Tags: tags,
		Summary: "Revoke a key; it may be taken for half a minute more",
		Description: "Any key of the tenant, also one that may more, and the one this is asked with: taking power away gives none, " +
			"and whoever manages keys must be able to stop one that leaked.",
	}, rules{scope: tenant.ScopeKeys}, func(ctx context.Context, in *ByID) (*struct{}, error) {
		if err := a.DB.RevokeKey(ctx, caller(ctx).TenantID, in.ID, a.Clock()); err != nil {
			return nil, err
		}
		a.keys.forget(in.ID)
		return nil, nil
	})
	a.addKeyRotation(h, tags)
}

// mayGrant refuses what would put more into somebody's hands than the key itself may, or for longer.
func mayGrant(k tenant.Key, scopes []tenant.Scope, end *time.Time) error {
	if lacking := k.Lacks(scopes); len(lacking) > 0 {
		return fault.New(fault.Forbidden, "this key lacks the scope %s, so it cannot give it to another", tenant.JoinScopes(lacking))
	}
	if !k.Outlasts(end) {
		return fault.New(fault.Forbidden, "this key ends at %s, so it cannot make one that ends later", k.ExpiresAt.UTC().Format(time.RFC3339))
	}
	return nil
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
