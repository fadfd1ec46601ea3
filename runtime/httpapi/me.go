package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/tenant"
)

type me struct {
	Tenant string     `json:"tenant" doc:"The tenant's id."`
	Key    tenant.Key `json:"key" doc:"The key this was asked with."`
}

func (a *api) addMe(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/me", Tags: []string{"keys"},
		Summary:     "The tenant and scopes of the key",
		Description: "To see whether a key is good.",
	}, rules{scope: anyKey}, func(ctx context.Context, _ *struct{}) (*body[me], error) {
		k := caller(ctx)
		return &body[me]{me{Tenant: k.TenantID, Key: k}}, nil
	})
}
