package httpapi

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// fieldTexts say what the fields of answers are, where their types do not: by schema and field, or by the field alone.
var fieldTexts = map[string]string{ //nolint:gosec // texts about secrets, and none of them one
	"attemptId":            "The attempt's id.",
	"bytes":                "Of all files together.",
	"courseId":             "The course's id.",
	"courseTitle":          "What the course is called; empty until an import has succeeded.",
	"createdAt":            "When it was made.",
	"Delivery.data":        "What has happened; the chapter on events has it for each type.",
	"data":                 "What has happened.",
	"edition":              "Of SCORM 2004: 2nd, 3rd or 4th.",
	"fileName":             "As the person's disk has it.",
	"files":                "How many there are.",
	"id":                   "Its id.",
	"items":                "The page, newest first.",
	"learner":              "Who learns, as your system knows them.",
	"number":               "1, 2, …",
	"occurredAt":           "When it happened.",
	"registrationId":       "The registration's id.",
	"result":               "What a report says of it.",
	"standard":             "What the package is made as: scorm12, scorm2004, xapi, cmi5 or aicc.",
	"title":                "What it is called.",
	"type":                 "The type of the event.",
	"updatedAt":            "When work was last saved, or when it was made.",
	"version":              "The version of the course.",
	"webhookId":            "The webhook's id.",
	"webhook":              "The webhook, without its secret.",
	"key":                  "The key, without its secret.",
	"latestAttempt":        "How the learner stands; missing: there is no attempt.",
	"Latest.number":        "1, 2, …: which attempt of the registration it is.",
	"lastActivityAt":       "When the learner's work was last saved; missing: never.",
	"Course.latestVersion": "What new attempts begin at; 0: no import has succeeded yet.",

	"Course.suspendDataLimit": "Characters of suspend_data; 0: the standard's own limit (4,096 in SCORM 1.2, 64,000 in SCORM 2004).",
	"PatchCourseBody.title":   "What people shall see.",
	"Version.contentId":       "Where its files are.",
	"Version.structure":       "What the package says of itself.",

	"Import.state":        "waiting (for its package), queued, running, succeeded or failed.",
	"Import.progress":     "How far it is.",
	"Import.report":       "What was found; once it has finished.",
	"Import.version":      "The version that it made; once it has succeeded.",
	"Import.attempts":     "How many workers have begun it.",
	"Import.finishedAt":   "When it succeeded or failed.",
	"Import.skeleton":     "Whether launch files may be missing.",
	"Progress.step":       "fetch, inspect, store or done.",
	"Progress.filesDone":  "Files stored.",
	"Progress.filesTotal": "Files of the package.",
	"Progress.bytesDone":  "Bytes of this step that are done.",
	"Progress.bytesTotal": "Bytes of this step.",
	"Report.manifest":     "The path of the manifest in the archive.",
	"Report.findings":     "What an author should know: errors first. One error refuses the package.",
	"Finding.severity":    "error or warning.",
	"Finding.rule":        "A name that does not change, e.g. scorm12.resource.missing-file.",
	"Finding.file":        "A path in the archive.",
	"Finding.line":        "From 1; missing: the whole file.",
	"Finding.message":     "What was found.",
	"Finding.remedy":      "What would do.",
	"Finding.source":      "Where the rule is written.",
	"import":              "The import that was begun.",
	"upload":              "The request to make next.",
	"Upload.method":       "Of the request.",
	"Upload.url":          "Of the request.",

	"Learner.id":                  "Unique for the tenant.",
	"Learner.name":                "SCORM 1.2 expects Family, Given.",
	"NewRegistrationBody.learner": "Who is to learn.",
	"Result.completion":           "unknown, not attempted, incomplete or completed.",
	"Result.success":              "unknown, failed or passed.",
	"Result.score":                "As reported; missing: none was.",
	"Result.progress":             "0 to 1; missing: none was reported.",
	"Result.totalSeconds":         "Time in the content, over all launches.",
	"scaled":                      "−1 to 1.",
	"raw":                         "As the content counts.",
	"min":                         "The least that raw can be.",
	"max":                         "The most that raw can be.",
	"ActivityData.activityId":     "Its id in the structure.",
	"ActivityData.interactions":   "Answers to questions and the like (cmi.interactions).",
	"ActivityData.objectives":     "cmi.objectives.",
	"ReportedInteraction.id":      "As the content names it.",
	"ReportedInteraction.type":    "choice, true-false, fill-in and so on.",
	"ReportedObjective.id":        "As the content names it.",
	"ReportedInteraction.result":  "correct, incorrect, neutral or a number; wrong in SCORM 1.2.",
	"correctResponses":            "Patterns of right answers.",
	"latency":                     "How long the learner took.",
	"weighting":                   "How much it counts.",
	"description":                 "In words.",
	"completionStatus":            "SCORM 2004.",
	"successStatus":               "SCORM 2004.",
	"progressMeasure":             "SCORM 2004.",
	"ReportedObjective.score":     "As reported.",
	"Committed.outcome":           "applied; duplicate: it was there already; ordered: newer work stays; superseded: a newer launch has taken over, and what is better in the result is taken.",
	"CommitCourse.result":         "Of the course as a whole.",

	"Launch.mode":          "normal, review or browse.",
	"Launch.returnUrl":     "Where the player goes at the end.",
	"Launch.linkExpiresAt": "Until when the link must be opened.",
	"Launch.openedAt":      "When it was opened; missing: not yet.",
	"Launch.expiresAt":     "Until when the player may go on; once it was opened.",
	"Launch.endedAt":       "When the content was left.",

	"Key.name":                  "What uses it, for people.",
	"Key.scopes":                "What it may do.",
	"Key.expiresAt":             "When it ends; missing: never.",
	"Key.revokedAt":             "When it was revoked.",
	"Key.lastUsedAt":            "To about a minute.",
	"NewKeyBody.scopes":         "read: everything of the tenant but keys. write: imports, registrations, launches, webhooks. keys: make, rotate and revoke keys.",
	"NewImportBody.contentType": "Of the package.",
	"Webhook.url":               "Where events are posted to.",
	"Webhook.events":            "Types of events; empty: all.",
	"Webhook.active":            "false: nothing is delivered.",
	"Webhook.secretVersion":     "How often the secret was made.",
	"PatchWebhookBody.url":      "Where events are posted to: https.",
	"PatchWebhookBody.events":   "Types of events; empty: all.",
	"Delivery.attempts":         "How often it was tried.",
	"Delivery.nextAt":           "When it is tried next; missing: delivered or given up.",
	"Delivery.deliveredAt":      "When it arrived.",
	"Delivery.eventId":          "The event's id.",
	"Delivery.lastStatus":       "The HTTP status of the last try; missing: there was no answer.",
	"Delivery.lastError":        "Why the last try failed.",

	"Usage.courses":             "Those without a version too.",
	"Usage.registrations":       "Learners signed up, once for each course.",
	"Usage.attempts":            "Of all registrations.",
	"Usage.webhooks":            "Those that are paused too.",
	"UsageLimits.courses":       "The most there may be.",
	"UsageLimits.keys":          "The most there may be.",
	"UsageLimits.registrations": "The most there may be.",
	"UsageLimits.storedBytes":   "The most there may be.",
	"UsageLimits.webhooks":      "The most there may be.",
	"importId":                  "The import's id.",
}

// ofPackage says whether a schema is of what packages say of themselves: its fields are those of the standards, and explained there.
func ofPackage(name string) bool {
	switch name {
	case "Activity", "AU", "CompletionThreshold", "Objective", "SharedData", "Structure":
		return true
	}
	return strings.HasPrefix(name, "Sequencing")
}

// describeFields gives fields their texts.
func describeFields(name string, s *huma.Schema) {
	if ofPackage(name) {
		return
	}
	for field, p := range s.Properties {
		if p.Description != "" {
			continue
		}
		if p.Description = fieldTexts[name+"."+field]; p.Description == "" {
			p.Description = fieldTexts[field]
		}
	}
}
