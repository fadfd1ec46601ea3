package httpapi

import (
	"net/http"

	"github.com/lectern/lectern/runtime/fault"
)

// problemPath is what the types of problems begin with. They are URI references: below it they lead to what the reference says of
// the kind.
const problemPath = "/problems/"

// problemKind is a type of problem (RFC 9457), for programs to switch on. A name is never changed or given away.
type problemKind struct {
	Name   string
	Status int
	Means  string // for people: what has happened
	Do     string // and what to do now
}

// problemKinds are all kinds. Of those with the same status the first is what newProblem takes.
var problemKinds = []problemKind{
	{"malformed-request", http.StatusBadRequest, "The request cannot be read: its body is no JSON, is cut off or is not wanted, or its address or a header holds what cannot be text.", "Correct the program that sends it. Sent again as it is, it fails again."},
	{"unauthorized", http.StatusUnauthorized, "There is no key, or it is unknown, expired or revoked; or a link or session is not one of this service.", "Send a valid key as Authorization: Bearer lk_…; make a new one if the old one has ended."},
	{"forbidden", http.StatusForbidden, "Whoever asks is known, and may not do this.", "Ask the people who run the service."},
	{insufficientScope, http.StatusForbidden, "The key is valid, but lacks a scope that the operation needs; detail names it.", "Use a key that has the scope, or make one."},
	{"not-found", http.StatusNotFound, "There is nothing at this address, or nothing with this id in this tenant.", "Check the id, and that the key is one of the tenant that it belongs to."},
	{"method-not-allowed", http.StatusMethodNotAllowed, "There is something at this address, but not for this method.", "See the Allow header for the methods that go."},
	{"request-timeout", http.StatusRequestTimeout, "The body did not come in time.", "Send it again, over a connection that is fast enough."},
	{"conflict", http.StatusConflict, "The request is fine, but does not fit what is there now; detail says what does not.", "Read the thing anew, and decide whether it is still to be done."},
	{quotaReached, http.StatusConflict, "The tenant may have no more of what would be made; detail names the quota and how much of it is used.", "Delete what is no longer needed, or ask the people who run the service for more."},
	{sequenceJumped, http.StatusConflict, "The sequence of a commit is too far above the newest of its launch, so nothing was kept; newest says what that is.", "Count on from newest, and send the state again."},
	{idempotencyInProgress, http.StatusConflict, "The first request with this Idempotency-Key is still under way.", "Wait as long as Retry-After says, and send the same again."},
	{secretShown, http.StatusConflict, "The request with this Idempotency-Key was done before, and its secret was shown then; it is kept nowhere.", "If the answer was lost, rotate what was made, which shows a new secret."},
	{launchEnded, http.StatusGone, "The launch link was used or has expired, or the launch has ended or was opened anew.", "Make a new launch link. What the learner did is kept."},
	{launchErased, http.StatusGone, "What a link or launch was for has been deleted, and nothing of it is kept.", "Register the learner anew, if that is meant."},
	{"length-required", http.StatusLengthRequired, "An upload must say how long it is.", "Send a Content-Length."},
	{"body-too-large", http.StatusRequestEntityTooLarge, "The body or the package is larger than the service takes; detail has the limit.", "Send less."},
	{"unsupported-media-type", http.StatusUnsupportedMediaType, "The Content-Type is not one that the operation takes.", "Send what the operation says, mostly application/json."},
	{"invalid-request", http.StatusUnprocessableEntity, "The request can be read, and some values are not possible; errors has each with its place.", "Correct the values that errors names. All that is wrong is told at once."},
	{idempotencyConflict, http.StatusUnprocessableEntity, "The Idempotency-Key was used for another request before.", "Use a new one for each thing to be done, and the same one only to repeat it."},
	{"rate-limited", http.StatusTooManyRequests, "Too many requests came in a short time.", "Wait as long as Retry-After says. The RateLimit header says how many are left before it comes to that."},
	{"internal", http.StatusInternalServerError, "Something is wrong in the service. Its log has it under the id in instance.", "Try again later; if it stays, tell the people who run the service, with the id."},
	{"unavailable", http.StatusServiceUnavailable, "The service cannot do this now, e.g. while its database fails over. Nothing was changed, unless a repeated request says so.", "Wait as long as Retry-After says, and send the same again; a POST with its Idempotency-Key."},
}

// Names of kinds that are one case of their status among others. A fault has them as its Reason.
const (
	insufficientScope     = "insufficient-scope"
	idempotencyInProgress = "idempotency-in-progress"
	idempotencyConflict   = "idempotency-conflict"
	secretShown           = "secret-shown"
	launchEnded           = "launch-ended"
	launchErased          = "erased"
	quotaReached          = "quota"
	sequenceJumped        = "sequence-jump"
)

// faultKinds are what faults without a reason become.
var faultKinds = map[fault.Code]string{
	fault.Invalid:      "invalid-request",
	fault.Unauthorized: "unauthorized",
	fault.Forbidden:    "forbidden",
	fault.NotFound:     "not-found",
	fault.Conflict:     "conflict",
	fault.Gone:         launchEnded,
	fault.TooLarge:     "body-too-large",
	fault.TooMany:      "rate-limited",
	fault.Unavailable:  "unavailable",
}

// kindNamed is the kind with this name, or internal.
func kindNamed(name string) problemKind {
	for _, k := range problemKinds {
		if k.Name == name {
			return k
		}
	}
	return kindNamed("internal")
}

// kindOfFault is by the reason if there is one that is a kind, else by the code.
func kindOfFault(f *fault.Error) problemKind {
	for _, k := range problemKinds {
		if k.Name == f.Reason {
			return k
		}
	}
	return kindNamed(faultKinds[f.Code])
}

// kindOfStatus is the name of the first kind with a status. Of statuses that no kind has, those of callers are malformed requests.
func kindOfStatus(status int) string {
	for _, k := range problemKinds {
		if k.Status == status {
			return k.Name
		}
	}
	if status < http.StatusInternalServerError {
		return problemKinds[0].Name
	}
	return "internal"
}

// ProblemTypes are the types that a problem may have.
func ProblemTypes() []string {
	list := make([]string, len(problemKinds))
	for i, k := range problemKinds {
		list[i] = problemPath + k.Name
	}
	return list
}
