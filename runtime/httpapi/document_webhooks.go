package httpapi

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/worker"
)

// deliveredEvent is the body of a delivery; package worker sends it.
type deliveredEvent[T any] struct {
	ID         string    `json:"id" format:"uuid" doc:"Of the event: the same for all webhooks and tries, so that a receiver can tell what it has seen."`
	Type       string    `json:"type"`
	Tenant     string    `json:"tenant" doc:"The tenant's id."`
	OccurredAt time.Time `json:"occurredAt"`
	Data       T         `json:"data"`
}

type importFinished struct {
	ImportID string `json:"importId" format:"uuid"`
	CourseID string `json:"courseId" format:"uuid"`
	Version  int    `json:"version,omitempty" doc:"The version that it made; missing: the package was refused, and the import's report says why."`
}

type resultChanged struct {
	RegistrationID string         `json:"registrationId" format:"uuid"`
	AttemptID      string         `json:"attemptId" format:"uuid"`
	CourseID       string         `json:"courseId" format:"uuid"`
	Result         attempt.Result `json:"result" doc:"As it is now. Time alone makes an event only at the end of a launch."`
}

type pinged struct {
	WebhookID string `json:"webhookId" format:"uuid"`
}

const deliveryText = "\n\nAnswer with any 2xx within 10 seconds, and do the work afterwards. Anything else, redirects too, is tried again with growing pauses " +
	"(10 s, 30 s, 90 s … 3 h, give or take a fifth) for 24 hours after the event; 410 ends it at once. " +
	"An event may come more than once, and in any order: keep the ids of those that were done.\n\n" +
	"Check the signature before anything else: " + worker.SignatureHeader + " is t=UNIX,v1=HEX, where HEX is the HMAC-SHA256 of UNIX + \".\" + body " +
	"under the 32 bytes of the webhook's secret (which is given in hex). Compute the same over the bytes as they came, compare in constant time, and refuse a t more than five minutes away. " +
	"Once the secret is replaced, deliveries are signed with the new one.\n\n" +
	"The deliveries of a webhook say how each went: lastStatus, lastError, attempts, and nextAt while it will be tried again. They are kept for 30 days."

func addWebhookDocument(o *huma.OpenAPI) {
	at := exampleTime.Add(time.Hour)
	o.Webhooks = map[string]*huma.PathItem{
		postgres.EventImportFinished: delivery(o, "Import finished", "An import has succeeded or was refused.", deliveredEvent[importFinished]{
			ID: "0197a3c0-0000-7000-8000-00000000e001", Type: postgres.EventImportFinished, Tenant: "acme", OccurredAt: at,
			Data: importFinished{ImportID: exampleImport.ID, CourseID: exampleCourse.ID, Version: 1},
		}),
		postgres.EventResultChanged: delivery(o, "Result changed", "What a report would say of an attempt has changed.", deliveredEvent[resultChanged]{
			ID: "0197a3c0-0000-7000-8000-00000000e002", Type: postgres.EventResultChanged, Tenant: "acme", OccurredAt: at,
			Data: resultChanged{RegistrationID: exampleRegistration.ID, AttemptID: exampleAttempt.ID, CourseID: exampleCourse.ID, Result: exampleResult},
		}),
		postgres.EventPing: delivery(o, "Ping", "Somebody wants to see whether deliveries arrive. It comes to webhooks of any types.", deliveredEvent[pinged]{
			ID: "0197a3c0-0000-7000-8000-00000000e003", Type: postgres.EventPing, Tenant: "acme", OccurredAt: at, Data: pinged{exampleWebhook.ID},
		}),
	}
}

// delivery describes the request that a webhook gets.
func delivery[T any](o *huma.OpenAPI, summary, text string, example deliveredEvent[T]) *huma.PathItem {
	header := func(name, text, example string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: text, Schema: &huma.Schema{Type: huma.TypeString}, Example: example}
	}
	return &huma.PathItem{Post: &huma.Operation{
		OperationID: "on-" + example.Type, Tags: []string{"webhooks"}, Summary: summary, Description: text + deliveryText, Security: []map[string][]string{},
		Parameters: []*huma.Param{
			header(worker.EventHeader, "The type of the event.", example.Type),
			header(worker.DeliveryHeader, "The delivery's id: the same in each try.", "0197a3c0-0000-7000-8000-00000000d001"),
			header(worker.SignatureHeader, "The time and the signature.", "t=1764201600,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {
			Schema: o.Components.Schemas.Schema(reflect.TypeFor[deliveredEvent[T]](), true, "Event"), Example: plain(example),
		}}},
		Responses: map[string]*huma.Response{
			"2XX":     {Description: "Delivered"},
			"410":     {Description: http.StatusText(http.StatusGone) + ": no more tries"},
			"default": {Description: "Tried again"},
		},
	}}
}

// eventName names the schemas of events by what happened.
func eventName(name string) string {
	if rest, ok := strings.CutPrefix(name, "DeliveredEvent"); ok {
		return rest + "Event"
	}
	return name
}
