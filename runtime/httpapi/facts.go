package httpapi

import (
	"context"
	"time"

	"github.com/lectern/lectern/runtime/content"
)

// How long what a commit needs to know of its course is kept in this process: a version never changes, the limit of
// suspend_data may.
const (
	factsLife = 5 * time.Minute
	factsKept = 20_000
)

// courseFacts is what a commit is checked against.
type courseFacts struct {
	standard    content.Standard
	suspendData int // as the course has it; 0: the standard's own
	activities  map[string]bool
}

func factsOf(c *content.Course, v *content.Version) courseFacts {
	f := courseFacts{standard: v.Structure.Standard, suspendData: c.SuspendDataLimit, activities: map[string]bool{}}
	for _, leaf := range v.Structure.Leaves() {
		f.activities[leaf.ID] = true
	}
	return f
}

// factsFor reads the facts of a launch's course, seldom.
func (a *api) factsFor(ctx context.Context, tenantID, launchID string) (courseFacts, error) {
	if f, ok := a.courses.get(launchID, a.Clock()); ok {
		return f, nil
	}
	l, err := a.DB.Launch(ctx, tenantID, launchID)
	if err != nil {
		return courseFacts{}, err
	}
	c, err := a.DB.Course(ctx, tenantID, l.CourseID)
	if err != nil {
		return courseFacts{}, err
	}
	v, err := a.DB.Version(ctx, tenantID, l.CourseID, l.Version)
	if err != nil {
		return courseFacts{}, err
	}
	f := factsOf(&c, &v)
	a.courses.put(launchID, f, a.Clock())
	return f, nil
}

// Limits of suspend_data by the book: SCORM 1.2 RTE 3.4.4 (CMIString4096), SCORM 2004 4th ed. RTE 4.2.21 (SPM 64000).
const (
	suspendData12   = 4096
	suspendData2004 = 64000
)

func suspendDataLimit(c *content.Course, s content.Standard) int {
	switch {
	case c.SuspendDataLimit > 0:
		return c.SuspendDataLimit
	case s == content.SCORM2004:
		return suspendData2004
	default:
		return suspendData12
	}
}
