package cmi

// scorm12 is the data model of SCORM 1.2 (RTE 3.4.4).
var scorm12 = model{
	suspendData: "cmi.suspend_data",
	suspendMax:  4_096,
	result:      resultOf12,
	elements: map[string]valueType{
		"cmi._version": text(255),

		"cmi.core.student_id":      text(255),
		"cmi.core.student_name":    text(255),
		"cmi.core.lesson_location": text(255),
		"cmi.core.credit":          vocabulary("credit", "no-credit"),
		"cmi.core.lesson_status":   lessonStatus,
		"cmi.core.entry":           vocabulary("ab-initio", "resume"),
		"cmi.core.score.raw":       score12,
		"cmi.core.score.min":       score12,
		"cmi.core.score.max":       score12,
		"cmi.core.total_time":      timespan,
		"cmi.core.lesson_mode":     vocabulary("browse", "normal", "review"),
		"cmi.core.exit":            vocabulary("time-out", "suspend", "logout"),
		"cmi.core.session_time":    timespan,

		"cmi.suspend_data":      nil, // its limit is the course's
		"cmi.launch_data":       text(4_096),
		"cmi.comments":          text(64_000), // each SetValue adds to it
		"cmi.comments_from_lms": text(4_096),

		"cmi.objectives.n.id":        text(255),
		"cmi.objectives.n.score.raw": score12,
		"cmi.objectives.n.score.min": score12,
		"cmi.objectives.n.score.max": score12,
		"cmi.objectives.n.status":    lessonStatus,

		"cmi.student_data.mastery_score":     manifestValue,
		"cmi.student_data.max_time_allowed":  manifestValue,
		"cmi.student_data.time_limit_action": manifestValue,

		"cmi.student_preference.audio":    integer(-1, 100),
		"cmi.student_preference.language": text(255),
		"cmi.student_preference.speed":    integer(-100, 100),
		"cmi.student_preference.text":     integer(-1, 1),

		"cmi.interactions.n.id":                          text(255),
		"cmi.interactions.n.objectives.n.id":             text(255),
		"cmi.interactions.n.time":                        timeOfDay,
		"cmi.interactions.n.type":                        vocabulary("true-false", "choice", "fill-in", "matching", "performance", "sequencing", "likert", "numeric"),
		"cmi.interactions.n.correct_responses.n.pattern": feedback12,
		"cmi.interactions.n.weighting":                   anyReal,
		"cmi.interactions.n.student_response":            feedback12,
		"cmi.interactions.n.result":                      either(vocabulary("correct", "wrong", "unanticipated", "neutral"), anyReal),
		"cmi.interactions.n.latency":                     timespan,
	},
}

// lessonStatus is the vocabulary of cmi.core.lesson_status and cmi.objectives.n.status.
var lessonStatus = vocabulary("passed", "completed", "failed", "incomplete", "browsed", "not attempted")

// score12 is a score: normalized, so between 0 and 100.
var score12 = realNumber(0, 100)

// feedback12 is CMIFeedback: 255 characters by the standard, but APIs bound it nowhere, and content puts whole essays into it.
var feedback12 = text(4_096)
