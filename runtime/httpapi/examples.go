package httpapi

import (
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/erasure"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

// example is what the document shows of an operation; nil where nothing is sent.
type example struct{ request, response any }

// object is a body as somebody sends it: with the fields that they need.
type object map[string]any

func page[T any](items ...T) listOf[T] { return listOf[T]{Items: items} }

// examples are by operation id. The tests want one for each operation, valid against its schemas.
var examples = map[string]example{
	"get-me": {response: me{Tenant: "acme", Key: exampleKey}},

	"list-courses":  {response: page(exampleCourse)},
	"get-course":    {response: exampleCourse},
	"update-course": {object{"title": "Fire safety 2027"}, content.Course{ID: exampleCourse.ID, Title: "Fire safety 2027", Latest: 1, CreatedAt: exampleTime}},
	"list-versions": {response: page(summaryOf(&exampleVersion))},
	"get-version":   {response: exampleVersion},

	"create-import": {object{"fileName": "fire-safety.zip", "size": 1_204_331}, importWithUpload{exampleImport, upload{
		Method: "PUT", URL: "https://learn.example.org" + apiPrefix + "/imports/" + exampleImport.ID + "/package", Headers: map[string]string{"Content-Type": "application/zip"},
	}}},
	"list-imports":    {response: page(exampleImported)},
	"get-import":      {response: exampleImported},
	"complete-import": {response: queued(exampleImport)},

	"create-registration": {object{"courseId": exampleCourse.ID, "learner": object{"id": "4711", "name": "Doe, Jane"}}, exampleRegistration},
	"list-registrations": {response: listOf[registration.Listed]{Next: "MDE5N2EzYzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDBiMDAx", Items: []registration.Listed{{
		Registration: exampleRegistration, CourseTitle: exampleCourse.Title,
		Latest: &registration.Latest{ID: exampleAttempt.ID, Number: 1, Version: 1, Result: exampleResult, LastActivityAt: &exampleAttempt.UpdatedAt},
	}}}},
	"export-registrations": {response: strings.Join(exportHeads, ",") + "\r\n" + strings.Join([]string{
		exampleRegistration.ID, "4711", `"Doe, Jane"`, exampleCourse.ID, "Fire safety", "2026-11-27T09:10:00Z", "1", "1", "completed", "passed", "80", "0", "100", "0.8", "1", "754", "2026-11-27T10:00:00Z",
	}, ",") + "\r\n"},
	"get-registration": {response: exampleRegistration},
	"list-attempts":    {response: page(exampleNewAttempt, exampleAttempt)},
	"create-attempt":   {response: exampleNewAttempt},
	"get-attempt": {response: attemptData{exampleAttempt, []activityData{{
		ActivityID: "item_1", Title: "How fires begin", Commits: 12, Result: exampleResult, UpdatedAt: exampleAttempt.UpdatedAt,
		Interactions: []reportedInteraction{{ID: "q1", Type: "choice", LearnerResponse: "b", Result: "correct", Latency: "00:00:09", CorrectResponses: []string{"b"}}},
		Objectives:   []reportedObjective{},
		CMI:          map[string]string{"cmi.core.lesson_status": "passed", "cmi.core.score.raw": "80", "cmi.core.lesson_location": "page-7"},
	}}}},

	"create-launch":  {object{"returnUrl": exampleLaunch.ReturnURL}, exampleLink},
	"list-launches":  {response: page(exampleLaunch)},
	"end-launch":     {response: exampleLaunch},
	"create-preview": {object{"version": 1}, launchLink{ID: "0197a3c0-0000-7000-8000-00000000b202", URL: exampleLink.URL, ExpiresAt: exampleLink.ExpiresAt}},

	"list-webhooks":         {response: page(exampleWebhook)},
	"create-webhook":        {object{"url": exampleWebhook.URL, "events": exampleWebhook.Events}, webhookWithSecret{exampleWebhook, exampleSecret}},
	"get-webhook":           {response: exampleWebhook},
	"update-webhook":        {object{"active": false}, paused(exampleWebhook)},
	"delete-webhook":        {},
	"ping-webhook":          {response: exampleDelivery},
	"rotate-webhook-secret": {response: webhookWithSecret{rotated(exampleWebhook), exampleSecret}},
	"list-deliveries":       {response: page(delivered(exampleDelivery), failed(exampleDelivery))},

	"list-keys":  {response: page(exampleKey)},
	"create-key": {object{"name": "Their LMS", "scopes": []string{"read", "write"}}, keyWithSecret{unused(exampleKey), exampleKeyText}},
	"rotate-key": {object{"overlapSeconds": 3600}, keyWithSecret{unused(exampleKey), exampleKeyText}},
	"revoke-key": {},

	"get-usage": {response: usage{
		Courses: 12, Versions: 31, StoredBytes: 4_210_334_877, Registrations: 5211, Attempts: 5874, Launches30d: 9120, Webhooks: 2, Keys: 3, CountedAt: exampleTime,
		Quotas: usageQuotas{StoredBytes: 100 << 30, Courses: 5000, Registrations: 1_000_000, Keys: 100, Webhooks: 100, Imports: 100},
	}},

	"delete-course":       {response: begun(erasure.Course, exampleCourse.ID)},
	"delete-version":      {response: begun(erasure.Version, exampleCourse.ID)},
	"delete-registration": {response: begun(erasure.Registration, exampleRegistration.ID)},
	"delete-attempt":      {response: begun(erasure.Attempt, exampleAttempt.ID)},
	"erase-learner":       {object{"learnerId": "4711"}, exampleReceipt()},
	"list-erasures":       {response: page(exampleReceipt())},
	"get-erasure":         {response: exampleReceipt()},
	"export-learner":      {request: object{"learnerId": "4711"}},
	"export-tenant":       {},
	"get-retention":       {response: postgres.Retention{KeepMonths: 36, Archive: true}},
	"set-retention":       {object{"keepMonths": 36, "archive": true}, postgres.Retention{KeepMonths: 36, Archive: true}},

	"upload-package": {},
	"commit": {object{
		"sequence": 7, "activity": "item_1", "cmi": map[string]string{"cmi.core.lesson_status": "incomplete", "cmi.core.lesson_location": "page-3"},
	}, committed{Outcome: attempt.Applied}},
}

const (
	exampleSecret  = "2f6c9f1f5a0e4c7ab1d3e5f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b"                                     //nolint:gosec // an example; nothing takes it
	exampleKeyText = "lk_0197a3c000007000800000000004e010_3b4c5d6e7f8091a2b3c4d5e6f708192a3b2f6c9f1f5a0e4c7ab1d3e5f708192a" //nolint:gosec // an example; nothing takes it
)

func queued(i content.Import) content.Import {
	i.State = content.ImportQueued
	return i
}

func paused(w postgres.Webhook) postgres.Webhook {
	w.Active = false
	return w
}

func rotated(w postgres.Webhook) postgres.Webhook {
	w.Secret++
	return w
}

func unused(k tenant.Key) tenant.Key {
	k.LastUsedAt = nil
	return k
}

func delivered(d postgres.Delivery) postgres.Delivery {
	d.Attempts, d.LastStatus, d.NextAt, d.DeliveredAt = 1, 204, nil, new(d.OccurredAt.Add(time.Second))
	return d
}

func failed(d postgres.Delivery) postgres.Delivery {
	d.ID, d.EventID = "0197a3c0-0000-7000-8000-00000000d000", "0197a3c0-0000-7000-8000-00000000e000"
	d.Attempts, d.LastStatus, d.LastError, d.NextAt = 2, 500, "the answer was HTTP 500", new(d.OccurredAt.Add(40*time.Second))
	return d
}

// exampleIDs are what stands for {id} below a path.
var exampleIDs = map[string]string{
	"courses": exampleCourse.ID, "imports": exampleImport.ID, "registrations": exampleRegistration.ID, "attempts": exampleAttempt.ID,
	"keys": exampleKey.ID, "webhooks": exampleWebhook.ID, "launches": exampleLaunch.ID, "erasures": exampleErasure.ID,
}

// addExample puts the example of an operation into its description.
func addExample(op *huma.Operation) {
	e := examples[op.OperationID]
	kind, _, _ := strings.Cut(strings.TrimPrefix(op.Path, apiPrefix+"/"), "/")
	for _, p := range op.Parameters {
		switch {
		case p.In == "path" && p.Name == "number":
			p.Example = 1
		case p.In == "path" && exampleIDs[kind] != "":
			p.Example = exampleIDs[kind]
		}
	}
	if op.RequestBody != nil && e.request != nil {
		for _, m := range op.RequestBody.Content {
			m.Example = plain(e.request)
		}
	}
	for code, r := range op.Responses {
		for _, m := range r.Content {
			if e.response != nil && code[0] == '2' {
				m.Example = plain(e.response)
			}
		}
	}
}
