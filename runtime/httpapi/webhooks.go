package httpapi

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/tenant"
)

type newWebhook struct {
	Body struct {
		_ struct{} `additionalProperties:"false"`

		URL    string   `json:"url" minLength:"1" maxLength:"2000" doc:"Where events are posted to: https."`
		Events []string `json:"events,omitempty" enum:"import.finished,attempt.result_changed" uniqueItems:"true" doc:"Types of events; missing: all."`
	}
}

type patchWebhook struct {
	ByID
	Body struct {
		_ struct{} `additionalProperties:"false"`

		URL    *string   `json:"url,omitempty" minLength:"1" maxLength:"2000"`
		Events *[]string `json:"events,omitempty" enum:"import.finished,attempt.result_changed" uniqueItems:"true"`
		Active *bool     `json:"active,omitempty" doc:"false stops deliveries; what happens meanwhile is not delivered later."`
	}
}

type webhookWithSecret struct {
	Webhook postgres.Webhook `json:"webhook"`
	Secret  string           `json:"secret" doc:"The key of the signatures, in hex. It is shown here and never again."`
}

func (a *api) addWebhooks(h huma.API) {
	tags := []string{"webhooks"}
	read, write := rules{scope: tenant.ScopeRead}, rules{scope: tenant.ScopeWrite}
	secret := rules{scope: tenant.ScopeWrite, shownOnce: true}
	register(a, h, huma.Operation{
		OperationID: "list-webhooks", Method: http.MethodGet, Path: "/webhooks", Tags: tags, Summary: "The tenant's webhooks",
		Description: "Without their secrets, which are shown when they are made.",
	}, read, func(ctx context.Context, in *struct{ Paging }) (*listOutput[postgres.Webhook], error) {
		l, err := a.DB.Webhooks(ctx, caller(ctx).TenantID, in.page())
		return listed(&in.Paging, l, err)
	})
	register(a, h, huma.Operation{
		OperationID: "create-webhook", Method: http.MethodPost, Path: "/webhooks", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary:     "Have events posted to an address",
		Description: "Deliveries are signed in the header Lectern-Signature: t=UNIX,v1=HEX, where HEX is the HMAC-SHA256 of UNIX + \".\" + body under the secret.",
	}, secret, a.createWebhook)
	register(a, h, huma.Operation{
		OperationID: "get-webhook", Method: http.MethodGet, Path: "/webhooks/{id}", Tags: tags, Summary: "A webhook",
		Description: "Its deliveries say how it goes.",
	}, read, func(ctx context.Context, in *ByID) (*body[postgres.Webhook], error) {
		return found(a.DB.Webhook(ctx, caller(ctx).TenantID, in.ID))
	})
	register(a, h, huma.Operation{
		OperationID: "update-webhook", Method: http.MethodPatch, Path: "/webhooks/{id}", Tags: tags, Summary: "Change a webhook; what is left out stays",
		Description: "active false pauses it: what happens meanwhile is not delivered later.",
	}, write, a.updateWebhook)
	register(a, h, huma.Operation{
		OperationID: "delete-webhook", Method: http.MethodDelete, Path: "/webhooks/{id}", Tags: tags, Summary: "Delete a webhook",
		Description: "Its deliveries go with it, also those that are still to be made.",
	}, write, func(ctx context.Context, in *ByID) (*struct{}, error) {
		return nil, a.DB.DeleteWebhook(ctx, caller(ctx).TenantID, in.ID)
	})
	register(a, h, huma.Operation{
		OperationID: "ping-webhook", Method: http.MethodPost, Path: "/webhooks/{id}/ping", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary:     "Deliver an event of type webhook.ping; the deliveries say how it went",
		Description: "To see whether deliveries arrive, whatever types the webhook is for. 409 if it is paused.",
	}, write, func(ctx context.Context, in *ByID) (*body[postgres.Delivery], error) {
		w, err := a.DB.Webhook(ctx, caller(ctx).TenantID, in.ID)
		if err != nil {
			return nil, err
		}
		if !w.Active {
			return nil, fault.New(fault.Conflict, "this webhook is not active, so nothing is delivered to it")
		}
		return found(a.DB.PingWebhook(ctx, w.TenantID, w.ID, a.Clock().UTC()))
	})
	register(a, h, huma.Operation{
		OperationID: "rotate-webhook-secret", Method: http.MethodPost, Path: "/webhooks/{id}/rotate-secret", Tags: tags,
		Summary:     "Replace the secret of a webhook, at once",
		Description: "The new one is shown once. Deliveries are signed with it from now on, so give it to the receiver at once.",
	}, secret, func(ctx context.Context, in *ByID) (*body[webhookWithSecret], error) {
		w, err := a.DB.Webhook(ctx, caller(ctx).TenantID, in.ID)
		if err != nil {
			return nil, err
		}
		w.Secret++
		return found(a.withSecret(w), a.DB.UpdateWebhook(ctx, w))
	})
	register(a, h, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/webhooks/{id}/deliveries", Tags: tags,
		Summary:     "What was delivered to a webhook, and what is still to be",
		Description: "Of the last 30 days. nextAt is there while it will be tried again; neither nextAt nor deliveredAt means that it was given up.",
	}, read, func(ctx context.Context, in *pageByID) (*listOutput[postgres.Delivery], error) {
		if _, err := a.DB.Webhook(ctx, caller(ctx).TenantID, in.ID); err != nil {
			return nil, err
		}
		l, err := a.DB.Deliveries(ctx, caller(ctx).TenantID, in.ID, in.page())
		return listed(&in.Paging, l, err)
	})
}

func (a *api) createWebhook(ctx context.Context, in *newWebhook) (*created[webhookWithSecret], error) {
	if err := a.checkWebhookURL(in.Body.URL); err != nil {
		return nil, err
	}
	w := postgres.Webhook{
		ID: uuid.Must(uuid.NewV7()).String(), TenantID: caller(ctx).TenantID, URL: in.Body.URL, Events: in.Body.Events,
		Secret: 1, Active: true, CreatedAt: a.Clock().UTC(),
	}
	if w.Events == nil {
		w.Events = []string{}
	}
	if err := a.DB.CreateWebhook(ctx, w); err != nil {
		return nil, err
	}
	return &created[webhookWithSecret]{Location: apiPrefix + "/webhooks/" + w.ID, Body: a.withSecret(w)}, nil
}

func (a *api) updateWebhook(ctx context.Context, in *patchWebhook) (*body[postgres.Webhook], error) {
	w, err := a.DB.Webhook(ctx, caller(ctx).TenantID, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.URL != nil {
		if err := a.checkWebhookURL(*in.Body.URL); err != nil {
			return nil, err
		}
		w.URL = *in.Body.URL
	}
	if in.Body.Events != nil {
		w.Events = *in.Body.Events
	}
	if in.Body.Active != nil {
		w.Active = *in.Body.Active
	}
	return found(w, a.DB.UpdateWebhook(ctx, w))
}

// checkWebhookURL checks the form. Where the name leads is checked when it is connected to, since names change.
func (a *api) checkWebhookURL(s string) error {
	u, err := url.Parse(s)
	fine := err == nil && u.Host != "" && u.User == nil && u.Fragment == "" && (u.Scheme == "https" || u.Scheme == "http" && a.AllowPlainWebhooks)
	if !fine {
		return invalid("body.url", "must be an https address without password and fragment")
	}
	return nil
}

func (a *api) withSecret(w postgres.Webhook) webhookWithSecret {
	return webhookWithSecret{Webhook: w, Secret: hex.EncodeToString(a.Keys.WebhookSecret(w.ID, w.Secret))}
}
