// Package launch is how a learner gets from a link to running content.
//
//	origin   where a course is played: a host name of its own, so that a browser keeps courses apart from each other and
//	         from the console (Players).
//	link     /launch/TOKEN there, signed, for one launch, minutes long. Opening it redeems it: once.
//	session  what redeeming gives: a signed token for the player, which reads the launch's state and commits. Beside it is one
//	         for commits alone, which waits with work that is undelivered. Reading ends with the launch; commits are taken for
//	         LateCommits more, since a browser may have been away. A launch that is ended by its tenant takes none.
//	grant    the first segment of content URLs: signed, for one content id at one host, as long as the session. It says nothing
//	         of the learner and is not part of the cache key, so a CDN caches files across learners.
package launch

import "time"

// Mode of a launch (cmi.mode, cmi.core.lesson_mode).
type Mode string

// Modes.
const (
	ModeNormal Mode = "normal" // tracked
	ModeReview Mode = "review" // shows the attempt, changes nothing
	ModeBrowse Mode = "browse" // a preview: no registration, nothing is kept
)

// Launch is one launch, from its link to its end: the launch history.
type Launch struct {
	ID             string     `json:"id"`
	TenantID       string     `json:"-"`
	RegistrationID string     `json:"registrationId,omitempty"` // "" in a preview
	AttemptID      string     `json:"attemptId,omitempty"`      // "" in a preview
	CourseID       string     `json:"courseId"`
	Version        int        `json:"version"`
	Mode           Mode       `json:"mode"`
	ReturnURL      string     `json:"returnUrl,omitempty"` // where the player goes at the end; "" closes or says goodbye
	Fence          int64      `json:"-"`                   // 0 until opened
	CreatedAt      time.Time  `json:"createdAt"`
	LinkExpiresAt  time.Time  `json:"linkExpiresAt"`
	OpenedAt       *time.Time `json:"openedAt,omitempty"`
	ExpiresAt      *time.Time `json:"expiresAt,omitempty"` // of the session; once opened
	EndedAt        *time.Time `json:"endedAt,omitempty"`   // by the final commit, or by the tenant
}

// Defaults.
const (
	LinkLife    = 5 * time.Minute
	SessionLife = 12 * time.Hour
	LateCommits = 72 * time.Hour // a long weekend without a network; content of a later launch can read what waits so long
)
