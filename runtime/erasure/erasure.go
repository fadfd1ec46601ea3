// Package erasure is how people's data and courses are deleted, and the receipt of it.
//
//	request ──► removing ──rows, then objects──► settling ──both once more──► finished
//	               │                                 │
//	               └── the process dies, or a store is away: the lease ends, and another worker goes on ──┘
//
// The intent is a row that is written before anything is removed, and the counts grow in the transaction that removes
// what they count. An attempt, a registration and a learner are out of the tables when the request is answered; what can
// be many (a version, a course, a tenant) goes in batches, and a course cannot be reached from the first moment on.
// Settling waits for what was under way at the time, a request, a delivery or an import, and removes what it left.
package erasure

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Kind of what is erased.
type Kind string

// Kinds.
const (
	Attempt      Kind = "attempt"
	Registration Kind = "registration"
	Learner      Kind = "learner"
	Version      Kind = "version"
	Course       Kind = "course"
	Tenant       Kind = "tenant" // the operator's alone
)

// State of an erasure.
type State string

// States: see the package documentation.
const (
	Removing State = "removing"
	Settling State = "settling"
	Finished State = "finished"
)

// Erasure is a request to erase something and, once finished, its receipt. It holds no personal data then.
type Erasure struct {
	ID          string     `json:"id"`
	TenantID    string     `json:"-"`
	Kind        Kind       `json:"kind" enum:"attempt,registration,learner,version,course,tenant" doc:"What is erased."`
	Subject     string     `json:"subject,omitempty" doc:"Id of what is erased; of a learner only learnerHash is kept."`
	Version     int        `json:"version,omitempty" doc:"Number of the version, if kind is version; subject is its course."`
	LearnerHash string     `json:"learnerHash,omitempty" doc:"SHA-256, in hex, of the tenant's id, a zero byte and the learner's id: whoever knows both can find the receipt."`
	RequestedBy string     `json:"requestedBy" doc:"Id of the key that asked for it, or operator."`
	RequestedAt time.Time  `json:"requestedAt" doc:"When it was asked for."`
	State       State      `json:"state" enum:"removing,settling,finished" doc:"removing: something may still be there; settling: all is removed, and looked for once more after two minutes; finished: this is the receipt."`
	FinishedAt  *time.Time `json:"finishedAt,omitempty" doc:"When it was done; missing: it is under way."`
	Removed     Counts     `json:"removed" doc:"How much was removed, by kind."`

	Prefixes []string `json:"-"` // of the object store, to be removed
	Needles  []string `json:"-"` // ids by which remembered answers are found
	Secret   string   `json:"-"` // the learner's id, until it is finished
}

// Counts are how many of each kind were removed.
type Counts struct {
	Registrations int64 `json:"registrations" doc:"Those removed."`
	Attempts      int64 `json:"attempts" doc:"Those removed."`
	Activities    int64 `json:"activities" doc:"States of activities: CMI data, answers, bookmarks."`
	Launches      int64 `json:"launches" doc:"Those removed."`
	Events        int64 `json:"events" doc:"Those removed, told to webhooks or not."`
	Deliveries    int64 `json:"deliveries" doc:"Of events to webhooks, made or still to be made."`
	Archives      int64 `json:"archives" doc:"Attempts in the archive."`
	Answers       int64 `json:"answers" doc:"Answers that were remembered under an Idempotency-Key."`
	Courses       int64 `json:"courses" doc:"Those removed."`
	Versions      int64 `json:"versions" doc:"Of courses."`
	Files         int64 `json:"files" doc:"Of versions, in the object store."`
	Imports       int64 `json:"imports" doc:"Those removed, with their reports."`
	Webhooks      int64 `json:"webhooks" doc:"Those removed."`
	Keys          int64 `json:"keys" doc:"Those removed."`
}

// HashLearner is what is kept of a learner's id. It is no secret: ids that can be guessed can be tried.
func HashLearner(tenantID, learnerID string) string {
	sum := sha256.Sum256([]byte(tenantID + "\x00" + learnerID))
	return hex.EncodeToString(sum[:])
}

// ArchivePrefix is where archived attempts of a tenant lie in the object store; of one course, and of one learner in it, if
// these are given. It ends in a slash. Nothing serves it.
func ArchivePrefix(tenantID, courseID, learnerHash string) string {
	prefix := "archive/" + tenantID + "/"
	if courseID != "" {
		prefix += courseID + "/"
		if learnerHash != "" {
			prefix += learnerHash + "/"
		}
	}
	return prefix
}

// ArchiveKey is where an archived attempt lies.
func ArchiveKey(tenantID, courseID, learnerHash, attemptID string) string {
	return ArchivePrefix(tenantID, courseID, learnerHash) + attemptID + ".jsonl.gz"
}
