package registration

import (
	"time"

	"github.com/lectern/lectern/runtime/attempt"
)

// Listed is a registration as lists show it: with what its course is called, and how the learner stands.
type Listed struct {
	Registration
	CourseTitle string  `json:"courseTitle"`             // "" until an import has succeeded
	Latest      *Latest `json:"latestAttempt,omitempty"` // nil: there is no attempt
}

// Latest is the latest attempt of a registration.
type Latest struct {
	ID      string         `json:"id"`
	Number  int            `json:"number"` // 1, 2, …
	Version int            `json:"version"`
	Result  attempt.Result `json:"result"`
	// LastActivityAt is when the learner's work was last saved; nil: never.
	LastActivityAt *time.Time `json:"lastActivityAt,omitempty"`
}
