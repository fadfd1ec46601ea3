// Package attempt is a learner's attempts at a course and what is tracked of them.
//
// # Ordering of commits
//
// Each opened launch of an attempt gets the next fence, a number that only grows. A commit carries the fence of its
// launch and a sequence, a number that grows with each commit of the launch, and holds the whole state of one activity. So:
//
//	the same (fence, sequence) and state as stored      → Duplicate: acknowledged, nothing changes
//	not newer than what is stored, same launch          → Ordered: acknowledged, what is stored stays, and its sequence is told
//	after the last commit of a launch that has ended    → refused: fault.Gone
//	the attempt has been opened by a newer launch       → Superseded: data stays as the newer launch has it, but what is better in
//	                                                      its result (see Result.Improve) is taken over
//	more than MostAhead above the launch's newest       → refused: JumpError
//	otherwise                                           → Applied
//
// What was taken over from superseded launches is the attempt's floor: later commits may improve on it, not undo it.
//
// A launch ends with its final commit, or from outside. The final commit's sequence is its last: what has a lower one and
// arrives late, of another activity say, is taken as before. A launch that was ended from outside has no last commit, so nothing
// more of it is taken.
//
// Every answer is given after the transaction is durable.
package attempt

import (
	"encoding/json"
	"time"

	"github.com/lectern/lectern/runtime/fault"
)

// Attempt is one attempt of a registration, at one version of the course.
type Attempt struct {
	ID             string `json:"id"`
	TenantID       string `json:"-"`
	RegistrationID string `json:"registrationId"`
	Number         int    `json:"number"` // 1, 2, …
	CourseID       string `json:"courseId"`
	Version        int    `json:"version"`
	Fence          int64  `json:"-"`
	// What result and state are from; zeros: nothing has been committed.
	AppliedFence    int64           `json:"-"`
	AppliedSequence int64           `json:"-"`
	Result          Result          `json:"result"`
	State           json.RawMessage `json:"-"` // the player's sequencing state and shared data; opaque to the service
	CreatedAt       time.Time       `json:"createdAt"`
	UpdatedAt       time.Time       `json:"updatedAt"` // of the last commit, or the creation
}

// Completion of an activity or an attempt.
type Completion string

// Completions.
const (
	CompletionUnknown      Completion = "unknown"
	CompletionNotAttempted Completion = "not attempted"
	CompletionIncomplete   Completion = "incomplete"
	CompletionCompleted    Completion = "completed"
)

// Success of an activity or an attempt.
type Success string

// Successes.
const (
	SuccessUnknown Success = "unknown"
	SuccessFailed  Success = "failed"
	SuccessPassed  Success = "passed"
)

// Result is what a report says of an activity or an attempt.
type Result struct {
	Completion   Completion `json:"completion"`
	Success      Success    `json:"success"`
	Score        *Score     `json:"score,omitempty"`    // nil: none was reported
	Progress     *float64   `json:"progress,omitempty"` // 0–1; nil: none was reported
	TotalSeconds float64    `json:"totalSeconds"`       // time in the content, over all launches
}

// Score as reported. A part that was not reported is nil.
type Score struct {
	Scaled *float64 `json:"scaled,omitempty"` // −1 to 1
	Raw    *float64 `json:"raw,omitempty"`
	Min    *float64 `json:"min,omitempty"`
	Max    *float64 `json:"max,omitempty"`
}

// ActivityState is what is kept of one activity in an attempt.
type ActivityState struct {
	ActivityID string            `json:"activityId"` // content.Activity.ID
	Commits    int64             `json:"commits"`    // how many were applied, over all launches
	CMI        map[string]string `json:"cmi"`        // data model element → value, e.g. "cmi.core.lesson_status": "passed"
	Result     Result            `json:"result"`
	UpdatedAt  time.Time         `json:"updatedAt"`
}

// Commit is one delivery from a launch.
type Commit struct {
	TenantID  string // these four are from the session token
	AttemptID string
	LaunchID  string
	Fence     int64

	Sequence   int64 // ≥ 1, grows with each commit of the launch
	ActivityID string
	CMI        map[string]string // the whole state of the activity
	Activity   Result            // derived from CMI, by package cmi
	Course     Result            // the attempt's result; that of the activity if the course has only one
	State      json.RawMessage   // sequencing state; nil leaves what is stored
	Final      bool              // the content has terminated and the player is closing
}

// Outcome says what a commit did. All of them mean that what the learner did is durable or was superseded.
type Outcome string

// Outcomes; see the package documentation.
const (
	Applied    Outcome = "applied"
	Duplicate  Outcome = "duplicate"
	Ordered    Outcome = "ordered"
	Superseded Outcome = "superseded"
)

// Receipt says what became of a commit.
type Receipt struct {
	Outcome  Outcome
	Sequence int64 // of what is stored, if Outcome is Ordered; else 0
}

// MostAhead is how far a sequence may be above the newest of its launch: far more than a browser gathers offline, and so
// little that nobody can use up the numbers.
const MostAhead = 10_000

// JumpError refuses a sequence that is more than MostAhead above Newest, the newest of its launch. It is a fault.Conflict.
type JumpError struct{ Sequence, Newest int64 }

// Error implements error.
func (e *JumpError) Error() string { return e.Unwrap().Error() }

// Unwrap is the fault.
func (e *JumpError) Unwrap() error {
	return fault.New(fault.Conflict, "sequence %d is more than %d above %d, the newest of this launch", e.Sequence, MostAhead, e.Newest)
}
