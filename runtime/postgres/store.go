package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lectern/lectern/runtime/attempt"
	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/fault"
	"github.com/lectern/lectern/runtime/launch"
	"github.com/lectern/lectern/runtime/registration"
	"github.com/lectern/lectern/runtime/tenant"
)

var errTODO = fault.New(fault.Unavailable, "not there yet")

// Page asks for a part of a list, newest first.
type Page struct {
	After string // opaque cursor of the previous page; "" is the first page
	Limit int    // 1–200
}

// List is a part of a list.
type List[T any] struct {
	Items []T
	Next  string // cursor of the next page; "" at the end
}

// Migrate brings the schema up to date. Any number of instances may call it at once: one does it, the others wait.
func (db *DB) Migrate(ctx context.Context) error { return errTODO }

// --- tenants and keys

func (db *DB) CreateTenant(ctx context.Context, t tenant.Tenant) error        { return errTODO }
func (db *DB) Tenants(ctx context.Context) ([]tenant.Tenant, error)           { return nil, errTODO }
func (db *DB) CreateKey(ctx context.Context, k tenant.Key, hash []byte) error { return errTODO }

// KeyByHash finds a key that is neither revoked nor expired. (Authentication is the one query that knows no tenant yet:
// the key's id and hash lead to it.)
func (db *DB) KeyByHash(ctx context.Context, keyID string, hash []byte) (tenant.Key, error) {
	return tenant.Key{}, errTODO
}
func (db *DB) TouchKey(ctx context.Context, tenantID, keyID string, at time.Time) error {
	return errTODO
}
func (db *DB) Keys(ctx context.Context, tenantID string, p Page) (List[tenant.Key], error) {
	return List[tenant.Key]{}, errTODO
}
func (db *DB) RevokeKey(ctx context.Context, tenantID, keyID string, at time.Time) error {
	return errTODO
}

// --- courses, versions, imports

func (db *DB) CreateCourse(ctx context.Context, c content.Course) error { return errTODO }
func (db *DB) UpdateCourse(ctx context.Context, c content.Course) error { return errTODO } // title and limit
func (db *DB) Course(ctx context.Context, tenantID, id string) (content.Course, error) {
	return content.Course{}, errTODO
}
func (db *DB) Courses(ctx context.Context, tenantID string, p Page) (List[content.Course], error) {
	return List[content.Course]{}, errTODO
}
func (db *DB) Version(ctx context.Context, tenantID, courseID string, number int) (content.Version, error) {
	return content.Version{}, errTODO
}
func (db *DB) Versions(ctx context.Context, tenantID, courseID string, p Page) (List[content.Version], error) {
	return List[content.Version]{}, errTODO
}
func (db *DB) CreateImport(ctx context.Context, i content.Import) error { return errTODO }
func (db *DB) Import(ctx context.Context, tenantID, id string) (content.Import, error) {
	return content.Import{}, errTODO
}
func (db *DB) Imports(ctx context.Context, tenantID string, p Page) (List[content.Import], error) {
	return List[content.Import]{}, errTODO
}

// QueueImport moves a waiting import to queued. An import that is past that stays as it is and is no error.
func (db *DB) QueueImport(ctx context.Context, tenantID, id string) error { return errTODO }

// LeaseImport takes a queued import, or a running one whose lease has ended, for lease. ok is false if somebody else has
// it or it is finished. token fences: the calls below fail with fault.Conflict once another worker has taken over.
func (db *DB) LeaseImport(ctx context.Context, tenantID, id string, lease time.Duration) (i content.Import, token int64, ok bool, err error) {
	return content.Import{}, 0, false, errTODO
}

// ReportProgress stores progress and extends the lease.
func (db *DB) ReportProgress(ctx context.Context, tenantID, id string, token int64, p content.Progress, lease time.Duration) error {
	return errTODO
}

// FinishImport ends an import. version nil means refused; else it becomes the course's next version, whose number is
// returned and set; an empty course title becomes that of the structure. It also queues the event.
func (db *DB) FinishImport(ctx context.Context, tenantID, id string, token int64, r content.Report, version *content.Version) (int, error) {
	return 0, errTODO
}

// StrandedImports are queued or running imports of all tenants that nobody holds and that were queued before this time: their message was lost.
func (db *DB) StrandedImports(ctx context.Context, before time.Time, limit int) ([]content.Import, error) {
	return nil, errTODO
}

// --- registrations, attempts, launches

// CreateRegistration makes one, with its first attempt at the latest version. One learner may register for a course once:
// registering again returns the registration there is, with created false.
func (db *DB) CreateRegistration(ctx context.Context, r registration.Registration) (out registration.Registration, created bool, err error) {
	return registration.Registration{}, false, errTODO
}
func (db *DB) Registration(ctx context.Context, tenantID, id string) (registration.Registration, error) {
	return registration.Registration{}, errTODO
}

// RegistrationFilter narrows a list; empty fields do not.
type RegistrationFilter struct{ CourseID, LearnerID string }

func (db *DB) Registrations(ctx context.Context, tenantID string, f RegistrationFilter, p Page) (List[registration.Registration], error) {
	return List[registration.Registration]{}, errTODO
}

// CreateAttempt begins a new attempt at the latest version.
func (db *DB) CreateAttempt(ctx context.Context, tenantID, registrationID string) (attempt.Attempt, error) {
	return attempt.Attempt{}, errTODO
}
func (db *DB) Attempt(ctx context.Context, tenantID, id string) (attempt.Attempt, error) {
	return attempt.Attempt{}, errTODO
}
func (db *DB) Attempts(ctx context.Context, tenantID, registrationID string, p Page) (List[attempt.Attempt], error) {
	return List[attempt.Attempt]{}, errTODO
}

// Activities are the states of an attempt's activities, by id.
func (db *DB) Activities(ctx context.Context, tenantID, attemptID string) ([]attempt.ActivityState, error) {
	return nil, errTODO
}

func (db *DB) CreateLaunch(ctx context.Context, l launch.Launch) error { return errTODO }

// OpenLaunch redeems a link: once, before LinkExpiresAt, else fault.Gone. It gives the attempt its next fence, except in
// modes that keep nothing.
func (db *DB) OpenLaunch(ctx context.Context, tenantID, id string, now time.Time, sessionLife time.Duration) (launch.Launch, error) {
	return launch.Launch{}, errTODO
}
func (db *DB) Launch(ctx context.Context, tenantID, id string) (launch.Launch, error) {
	return launch.Launch{}, errTODO
}
func (db *DB) Launches(ctx context.Context, tenantID, registrationID string, p Page) (List[launch.Launch], error) {
	return List[launch.Launch]{}, errTODO
}

// Commit makes c durable in at most three statements; see package attempt for the outcomes. A lost connection is
// retried until ctx ends: the fence and sequence make that harmless.
func (db *DB) Commit(ctx context.Context, c attempt.Commit) (attempt.Outcome, error) {
	return "", errTODO
}

// --- idempotency of API writes

// Remembered is the answer to a request with an Idempotency-Key.
type Remembered struct {
	Fingerprint []byte // SHA-256 of method, path and body
	Status      int    // 0: the request is still under way
	Header      json.RawMessage
	Body        []byte
}

// Remember claims a key for a request. claimed is false if it is taken; then the answer is what is remembered.
func (db *DB) Remember(ctx context.Context, tenantID, key string, fingerprint []byte) (r Remembered, claimed bool, err error) {
	return Remembered{}, false, errTODO
}
func (db *DB) CompleteRemembered(ctx context.Context, tenantID, key string, r Remembered) error {
	return errTODO
}

// ForgetRemembered frees a key whose request failed without effect.
func (db *DB) ForgetRemembered(ctx context.Context, tenantID, key string) error { return errTODO }

// --- webhooks: an event is written in the transaction of what it tells of (an outbox)

// Webhook is an address that events are delivered to.
type Webhook struct {
	ID        string    `json:"id"`
	TenantID  string    `json:"-"`
	URL       string    `json:"url"`
	Events    []string  `json:"events"`        // types; empty: all
	Secret    int       `json:"secretVersion"` // the signing secret is derived from the engine's key, the id and this
	Active    bool      `json:"active"`
	CreatedAt time.Time `json:"createdAt"`
}

// Types of events. Data: {"importId", "courseId", "version"} or {"registrationId", "attemptId", "courseId", "result"}.
const (
	EventImportFinished = "import.finished"
	EventResultChanged  = "attempt.result_changed"
)

// Delivery is an event on its way to a webhook.
type Delivery struct {
	ID          string          `json:"id"`
	TenantID    string          `json:"-"`
	WebhookID   string          `json:"webhookId"`
	EventID     string          `json:"eventId"`
	Type        string          `json:"type"`
	Data        json.RawMessage `json:"data"`
	OccurredAt  time.Time       `json:"occurredAt"`
	Attempts    int             `json:"attempts"`
	NextAt      *time.Time      `json:"nextAt,omitempty"` // nil: delivered or given up
	DeliveredAt *time.Time      `json:"deliveredAt,omitempty"`
	LastStatus  int             `json:"lastStatus,omitempty"`
	LastError   string          `json:"lastError,omitempty"`
}

func (db *DB) CreateWebhook(ctx context.Context, w Webhook) error           { return errTODO }
func (db *DB) UpdateWebhook(ctx context.Context, w Webhook) error           { return errTODO }
func (db *DB) DeleteWebhook(ctx context.Context, tenantID, id string) error { return errTODO }
func (db *DB) Webhook(ctx context.Context, tenantID, id string) (Webhook, error) {
	return Webhook{}, errTODO
}
func (db *DB) Webhooks(ctx context.Context, tenantID string, p Page) (List[Webhook], error) {
	return List[Webhook]{}, errTODO
}
func (db *DB) Deliveries(ctx context.Context, tenantID, webhookID string, p Page) (List[Delivery], error) {
	return List[Delivery]{}, errTODO
}

// ExpandEvents makes deliveries of events that have none yet. ClaimDeliveries takes due ones for lease (SKIP LOCKED), of all tenants.
func (db *DB) ExpandEvents(ctx context.Context, limit int) (int, error) { return 0, errTODO }
func (db *DB) ClaimDeliveries(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Delivery, error) {
	return nil, errTODO
}

// SettleDelivery records an attempt. next nil ends it: delivered if status is 2xx, given up otherwise.
func (db *DB) SettleDelivery(ctx context.Context, d Delivery, status int, failure string, next *time.Time) error {
	return errTODO
}
