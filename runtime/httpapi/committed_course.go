package httpapi

import (
	"context"
	"time"

	"github.com/lectern/lectern/runtime/content"
	"github.com/lectern/lectern/runtime/httpapi/commits"
)

// How long what a commit needs to know of its course is kept in this process: a version never changes, the limit of
// suspend_data may.
const (
	courseLife  = 5 * time.Minute
	coursesKept = 20_000
)

func courseOf(c *content.Course, v *content.Version) commits.Course {
	course := commits.Course{Standard: v.Structure.Standard, SuspendData: c.SuspendDataLimit, Activities: map[string]bool{}}
	for _, leaf := range v.Structure.Leaves() {
		course.Activities[leaf.ID] = true
	}
	return course
}

// courseFor reads what commits of a launch are checked against, seldom.
func (a *api) courseFor(ctx context.Context, tenantID, launchID string) (commits.Course, error) {
	if f, ok := a.courses.get(tenantID+"/"+launchID, a.Clock()); ok {
		return f, nil
	}
	c, v, err := a.DB.CourseOfLaunch(ctx, tenantID, launchID)
	if err != nil {
		return commits.Course{}, err
	}
	f := courseOf(&c, &v)
	a.courses.put(tenantID+"/"+launchID, f, a.Clock())
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
