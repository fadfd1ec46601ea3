package content

import "time"

// Course is something learners register for. Its versions come from imports.
type Course struct {
	ID        string    `json:"id"`
	TenantID  string    `json:"-"`
	Title     string    `json:"title"`
	Latest    int       `json:"latestVersion"` // 0: no import has succeeded yet
	CreatedAt time.Time `json:"createdAt"`
	// SuspendDataLimit is how many characters of suspend_data an attempt may keep; 0 means the standard's own
	// (4,096 in SCORM 1.2, 64,000 in SCORM 2004). Real courses send more than the book allows.
	SuspendDataLimit int `json:"suspendDataLimit"`
}

// Version is one imported package of a course. It never changes: attempts keep the version they began with.
type Version struct {
	TenantID  string    `json:"-"`
	CourseID  string    `json:"courseId"`
	Number    int       `json:"number"`    // 1, 2, …
	ContentID string    `json:"contentId"` // its files lie below FilePrefix(tenant, ContentID)
	Structure Structure `json:"structure"`
	Files     int       `json:"files"`
	Bytes     int64     `json:"bytes"`
	CreatedAt time.Time `json:"createdAt"`
}

// FilePrefix is where the files of a version lie in the object store: CloudFront serves keys below content/ and
// nothing else. It ends in a slash.
func FilePrefix(tenantID, contentID string) string {
	return "content/" + tenantID + "/" + contentID + "/"
}

// UploadKey is where an uploaded package lies until it is imported. Nothing serves it.
func UploadKey(tenantID, importID string) string {
	return "uploads/" + tenantID + "/" + importID + ".zip"
}
