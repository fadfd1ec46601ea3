// Package registration is learners signed up for courses.
package registration

import "time"

// Registration is one learner's sign-up for one course.
type Registration struct {
	ID        string    `json:"id"`
	TenantID  string    `json:"-"`
	CourseID  string    `json:"courseId"`
	Learner   Learner   `json:"learner"`
	CreatedAt time.Time `json:"createdAt"`
}

// Learner is who learns, as the tenant's system knows them. Personal data: it is in no log, link, key or metric.
type Learner struct {
	ID   string `json:"id"`   // up to 255 characters; unique for the tenant
	Name string `json:"name"` // "Family, Given" is what SCORM 1.2 expects; anything is taken
}
