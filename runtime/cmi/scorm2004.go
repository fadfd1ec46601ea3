package cmi

import "math"

// scorm2004 is the data model of SCORM 2004 4th edition (RTE 4.2; SN 5.6 for adl.nav; RTE 4.3 for adl.data). Those of the 2nd
// and 3rd edition are parts of it.
var scorm2004 = model{
	suspendData: "cmi.suspend_data",
	suspendMax:  64_000,
	result:      resultOf2004,
	elements: map[string]valueType{
		"cmi._version": text(250),

		"cmi.comments_from_learner.n.comment":   text(64_000),
		"cmi.comments_from_learner.n.location":  text(250),
		"cmi.comments_from_learner.n.timestamp": timestamp,
		"cmi.comments_from_lms.n.comment":       text(64_000),
		"cmi.comments_from_lms.n.location":      text(250),
		"cmi.comments_from_lms.n.timestamp":     timestamp,

		"cmi.completion_status":    completionStatus,
		"cmi.completion_threshold": realNumber(0, 1),
		"cmi.credit":               vocabulary("credit", "no-credit"),
		"cmi.entry":                vocabulary("ab-initio", "resume"),
		"cmi.exit":                 vocabulary("time-out", "suspend", "logout", "normal"),

		"cmi.interactions.n.id":                          text(4_000),
		"cmi.interactions.n.type":                        vocabulary("true-false", "choice", "fill-in", "long-fill-in", "likert", "matching", "performance", "sequencing", "numeric", "other"),
		"cmi.interactions.n.objectives.n.id":             text(4_000),
		"cmi.interactions.n.timestamp":                   timestamp,
		"cmi.interactions.n.correct_responses.n.pattern": text(interactionText),
		"cmi.interactions.n.weighting":                   anyReal,
		"cmi.interactions.n.learner_response":            text(interactionText),
		"cmi.interactions.n.result":                      either(vocabulary("correct", "incorrect", "unanticipated", "neutral"), anyReal),
		"cmi.interactions.n.latency":                     timeinterval,
		"cmi.interactions.n.description":                 text(4_000),

		"cmi.launch_data": text(4_000),

		"cmi.learner_id":                          text(4_000),
		"cmi.learner_name":                        text(4_000),
		"cmi.learner_preference.audio_level":      realNumber(0, math.Inf(1)),
		"cmi.learner_preference.language":         language,
		"cmi.learner_preference.delivery_speed":   realNumber(0, math.Inf(1)),
		"cmi.learner_preference.audio_captioning": integer(-1, 1),

		"cmi.location":         text(1_000),
		"cmi.max_time_allowed": manifestValue,
		"cmi.mode":             vocabulary("browse", "normal", "review"),

		"cmi.objectives.n.id":                text(4_000),
		"cmi.objectives.n.score.scaled":      realNumber(-1, 1),
		"cmi.objectives.n.score.raw":         anyReal,
		"cmi.objectives.n.score.min":         anyReal,
		"cmi.objectives.n.score.max":         anyReal,
		"cmi.objectives.n.success_status":    successStatus,
		"cmi.objectives.n.completion_status": completionStatus,
		"cmi.objectives.n.progress_measure":  realNumber(0, 1),
		"cmi.objectives.n.description":       text(4_000),

		"cmi.progress_measure":     realNumber(0, 1),
		"cmi.scaled_passing_score": realNumber(-1, 1),
		"cmi.score.scaled":         realNumber(-1, 1),
		"cmi.score.raw":            anyReal,
		"cmi.score.min":            anyReal,
		"cmi.score.max":            anyReal,
		"cmi.session_time":         timeinterval,
		"cmi.success_status":       successStatus,
		"cmi.suspend_data":         nil, // its limit is the course's
		"cmi.time_limit_action":    manifestValue,
		"cmi.total_time":           timeinterval,

		"adl.data.n.id":    text(4_000),
		"adl.data.n.store": text(64_000),

		"adl.nav.request":                       navigationRequest,
		"adl.nav.request_valid.continue":        navigationValid,
		"adl.nav.request_valid.previous":        navigationValid,
		"adl.nav.request_valid.exit":            navigationValid,
		"adl.nav.request_valid.exitAll":         navigationValid,
		"adl.nav.request_valid.abandon":         navigationValid,
		"adl.nav.request_valid.abandonAll":      navigationValid,
		"adl.nav.request_valid.suspendAll":      navigationValid,
		"adl.nav.request_valid.choice.{target}": navigationValid,
		"adl.nav.request_valid.jump.{target}":   navigationValid,
	},
}

// interactionText is the smallest permitted maximum that a pattern or response of the largest kind comes to: a performance of
// 125 steps, each two short identifiers (RTE 4.2.9.1, 4.2.9.2).
const interactionText = 64_000

var (
	completionStatus = vocabulary("completed", "incomplete", "not attempted", "unknown")
	successStatus    = vocabulary("passed", "failed", "unknown")
	navigationValid  = vocabulary("true", "false", "unknown")
)
