package httpapi

import (
	"time"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/postgres"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

// What the examples of the document tell of: one course, one learner, one key.
var (
	exampleTime   = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	exampleScore  = attempt.Score{Scaled: new(0.8), Raw: new(80.0), Min: new(0.0), Max: new(100.0)}
	exampleResult = attempt.Result{
		Completion: attempt.CompletionCompleted, Success: attempt.SuccessPassed, Score: &exampleScore, Progress: new(1.0), TotalSeconds: 754,
	}
	exampleCourse = content.Course{ID: "0197a3c0-0000-7000-8000-00000000c001", Title: "Fire safety", Latest: 1, CreatedAt: exampleTime}
	exampleImport = content.Import{
		ID: "0197a3c0-0000-7000-8000-00000000a001", CourseID: exampleCourse.ID, FileName: "fire-safety.zip", State: content.ImportWaiting,
		Progress: content.Progress{BytesTotal: 1_204_331}, CreatedAt: exampleTime,
	}
	exampleImported = content.Import{
		ID: exampleImport.ID, CourseID: exampleCourse.ID, FileName: exampleImport.FileName, State: content.ImportSucceeded,
		Progress: content.Progress{Step: "done", FilesDone: 48, FilesTotal: 48, BytesDone: 3_004_112, BytesTotal: 3_004_112},
		Report: &content.Report{Standard: content.SCORM12, Title: "Fire safety", Manifest: "imsmanifest.xml", Files: 48, Bytes: 3_004_112, Findings: []content.Finding{{
			Severity: content.SeverityWarning, Rule: "scorm12.resource.missing-file", File: "imsmanifest.xml", Line: 31,
			Message: "img/exit.png is listed and not in the archive", Remedy: "Add the file, or take it out of the manifest.", Source: "SCORM 1.2 CAM 2.3.3",
		}}},
		Version: 1, Attempts: 1, CreatedAt: exampleTime, FinishedAt: new(exampleTime.Add(4 * time.Second)),
	}
	exampleVersion = content.Version{
		CourseID: exampleCourse.ID, Number: 1, ContentID: "0197a3c0-0000-7000-8000-00000000f001", Files: 48, Bytes: 3_004_112, CreatedAt: exampleTime.Add(4 * time.Second),
		Structure: content.Structure{
			Standard: content.SCORM12, ID: "fire-safety", Title: "Fire safety", ObjectivesGlobalToSystem: true, SharedDataGlobalToSystem: true,
			Root: content.Activity{ID: "org", Title: "Fire safety", Children: []content.Activity{
				{ID: "item_1", Title: "How fires begin", Kind: content.KindSCO, Launch: "lesson/index.html", MasteryScore: "75"},
			}},
		},
	}
	exampleRegistration = registration.Registration{
		ID: "0197a3c0-0000-7000-8000-00000000b001", CourseID: exampleCourse.ID,
		Learner: registration.Learner{ID: "4711", Name: "Doe, Jane"}, CreatedAt: exampleTime.Add(10 * time.Minute),
	}
	exampleAttempt = attempt.Attempt{
		ID: "0197a3c0-0000-7000-8000-00000000b101", RegistrationID: exampleRegistration.ID, Number: 1, CourseID: exampleCourse.ID, Version: 1,
		Result: exampleResult, CreatedAt: exampleRegistration.CreatedAt, UpdatedAt: exampleTime.Add(time.Hour),
	}
	exampleNewAttempt = attempt.Attempt{
		ID: "0197a3c0-0000-7000-8000-00000000b102", RegistrationID: exampleRegistration.ID, Number: 2, CourseID: exampleCourse.ID, Version: 1,
		Result:    attempt.Result{Completion: attempt.CompletionNotAttempted, Success: attempt.SuccessUnknown},
		CreatedAt: exampleTime.Add(26 * time.Hour), UpdatedAt: exampleTime.Add(26 * time.Hour),
	}
	exampleLaunch = launch.Launch{
		ID: "0197a3c0-0000-7000-8000-00000000b201", RegistrationID: exampleRegistration.ID, AttemptID: exampleAttempt.ID, CourseID: exampleCourse.ID, Version: 1,
		Mode: launch.ModeNormal, ReturnURL: "https://portal.example.org/courses", CreatedAt: exampleTime.Add(20 * time.Minute), LinkExpiresAt: exampleTime.Add(25 * time.Minute),
		OpenedAt: new(exampleTime.Add(21 * time.Minute)), ExpiresAt: new(exampleTime.Add(21*time.Minute + launch.SessionLife)), EndedAt: new(exampleTime.Add(time.Hour)),
	}
	exampleLink = launchLink{
		ID: exampleLaunch.ID, URL: "https://learn.example.org/launch/AYhx…", ExpiresAt: exampleLaunch.LinkExpiresAt,
	}
	exampleKey = tenant.Key{
		ID: "0197a3c0-0000-7000-8000-000000004e01", Name: "Their LMS", Scopes: []tenant.Scope{tenant.ScopeRead, tenant.ScopeWrite}, CreatedAt: exampleTime,
		LastUsedAt: new(exampleTime.Add(2 * time.Hour)),
	}
	exampleWebhook = postgres.Webhook{
		ID: "0197a3c0-0000-7000-8000-00000000d101", URL: "https://lms.example.org/hooks/lectern", Events: []string{postgres.EventResultChanged},
		Secret: 1, Active: true, CreatedAt: exampleTime,
	}
	exampleDelivery = postgres.Delivery{
		ID: "0197a3c0-0000-7000-8000-00000000d001", WebhookID: exampleWebhook.ID, EventID: "0197a3c0-0000-7000-8000-00000000e003", Type: postgres.EventPing,
		Data: []byte(`{"webhookId":"` + exampleWebhook.ID + `"}`), OccurredAt: exampleTime.Add(3 * time.Hour), NextAt: new(exampleTime.Add(3 * time.Hour)),
	}
)
