// Package commits is the body of a commit: how it is read, and everything that can be wrong with it. Pure: no I/O.
package commits

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/cmi"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/httpapi/strictjson"
)

// CommitRequest is the body of a commit. (The name is that of its schema in the OpenAPI document.)
type CommitRequest struct {
	_ struct{} `additionalProperties:"false"`

	Sequence int64             `json:"sequence" minimum:"1" doc:"Grows with each commit of the launch."`
	Activity string            `json:"activity" minLength:"1" doc:"Id of the activity in the structure."`
	CMI      map[string]string `json:"cmi" doc:"The whole state of the activity: element → value."`
	Course   *CommitCourse     `json:"course,omitempty" doc:"May be left out when the course has one activity: then its result is that of the activity."`
	Final    bool              `json:"final,omitempty" doc:"The content has terminated and the player is closing."`
}

// CommitCourse is what a commit says of the course as a whole.
type CommitCourse struct {
	_ struct{} `additionalProperties:"false"`

	Result *attempt.Result `json:"result,omitempty"`
	State  json.RawMessage `json:"state,omitempty" doc:"The player's own; missing or null leaves what is stored."`
}

// Course is what a commit is checked against.
type Course struct {
	Standard    content.Standard
	SuspendData int             // characters; 0: the standard's own limit
	Activities  map[string]bool // ids of those that can be launched
}

// Decode reads a body that strictjson finds fit, or is fault.Invalid.
func Decode(text []byte) (*CommitRequest, error) {
	in := &CommitRequest{}
	if err := strictjson.Decode(text, in); err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "validation failed", Fields: []fault.Field{{Path: "body", Message: err.Error()}}}
	}
	return in, nil
}

// Check says everything that is wrong at once (fault.Invalid), or makes the commit, but for what the session's token says.
func (in *CommitRequest) Check(course *Course) (attempt.Commit, error) {
	var wrong []fault.Field
	add := func(path, format string, args ...any) {
		wrong = append(wrong, fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if in.Sequence < 1 {
		add("body.sequence", "must be 1 or more")
	}
	if !course.Activities[in.Activity] {
		add("body.activity", "names no activity of the course")
	}
	if in.CMI == nil {
		add("body.cmi", "must be an object")
	}
	wrong = append(wrong, cmi.Check(course.Standard, in.CMI, cmi.Limits{SuspendData: course.SuspendData})...)
	c := attempt.Commit{Sequence: in.Sequence, ActivityID: in.Activity, CMI: in.CMI, Final: in.Final}
	if in.Course != nil && string(in.Course.State) != "null" {
		c.State = in.Course.State
	}
	switch {
	case in.Course != nil && in.Course.Result != nil:
		c.Course = *in.Course.Result
		checkResult(&c.Course, add)
	case len(course.Activities) > 1:
		add("body.course.result", "is needed, since the course has %d activities", len(course.Activities))
	}
	if wrong != nil {
		return attempt.Commit{}, &fault.Error{Code: fault.Invalid, Message: "validation failed", Fields: wrong}
	}
	c.Activity = cmi.ResultOf(course.Standard, in.CMI)
	if in.Course == nil || in.Course.Result == nil {
		c.Course = c.Activity
	}
	return c, nil
}

var (
	completions = []attempt.Completion{attempt.CompletionUnknown, attempt.CompletionNotAttempted, attempt.CompletionIncomplete, attempt.CompletionCompleted}
	successes   = []attempt.Success{attempt.SuccessUnknown, attempt.SuccessFailed, attempt.SuccessPassed}
)

// maxSeconds is a century: more is no time that somebody spent.
const maxSeconds = 100 * 366 * 24 * 3600

func checkResult(r *attempt.Result, add func(path, format string, args ...any)) {
	const at = "body.course.result."
	if !slices.Contains(completions, r.Completion) {
		add(at+"completion", "must be one of %q", completions)
	}
	if !slices.Contains(successes, r.Success) {
		add(at+"success", "must be one of %q", successes)
	}
	if !isWithin(&r.TotalSeconds, 0, maxSeconds) {
		add(at+"totalSeconds", "must be 0 to %d", maxSeconds)
	}
	if !isWithin(r.Progress, 0, 1) {
		add(at+"progress", "must be 0 to 1")
	}
	if r.Score != nil && !isWithin(r.Score.Scaled, -1, 1) {
		add(at+"score.scaled", "must be -1 to 1")
	}
}

func isWithin(v *float64, low, high float64) bool {
	return v == nil || !math.IsNaN(*v) && low <= *v && *v <= high
}
