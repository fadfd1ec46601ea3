package content

import (
	"strconv"
	"time"

	"github.com/google/uuid"
)

// ImportState is how far an import is.
type ImportState string

// States: waiting → queued → running → succeeded or failed. A worker that dies leaves a running import whose lease ends;
// another takes it over.
const (
	ImportWaiting   ImportState = "waiting" // for its package to be uploaded
	ImportQueued    ImportState = "queued"
	ImportRunning   ImportState = "running"
	ImportSucceeded ImportState = "succeeded"
	ImportFailed    ImportState = "failed"
)

// Import turns an uploaded package into a course version.
type Import struct {
	ID       string `json:"id"`
	TenantID string `json:"-"`
	CourseID string `json:"courseId"`
	FileName string `json:"fileName"` // as the person's disk has it
	// Skeleton takes a package whose launch files are missing, with warnings: an outline to try out before there is content.
	Skeleton   bool        `json:"skeleton"`
	State      ImportState `json:"state"`
	Progress   Progress    `json:"progress"`
	Report     *Report     `json:"report,omitempty"`  // once finished
	Version    int         `json:"version,omitempty"` // once succeeded
	Attempts   int         `json:"attempts"`          // how many workers have begun
	CreatedAt  time.Time   `json:"createdAt"`
	FinishedAt *time.Time  `json:"finishedAt,omitempty"`
}

// Progress is how far a running import is.
type Progress struct {
	Step       string `json:"step"` // fetch, inspect, store, done
	FilesDone  int    `json:"filesDone"`
	FilesTotal int    `json:"filesTotal"`
	BytesDone  int64  `json:"bytesDone"`
	BytesTotal int64  `json:"bytesTotal"`
}

// Report is what an import found.
type Report struct {
	Standard Standard  `json:"standard,omitempty"` // "" if it was not recognised
	Edition  string    `json:"edition,omitempty"`
	Title    string    `json:"title,omitempty"`
	Manifest string    `json:"manifest,omitempty"` // its path in the archive
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Findings []Finding `json:"findings"` // sorted: errors first, then by file and line
}

// Severity of a finding.
type Severity string

// Severities. One error refuses the package.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is one thing that an author should know.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`             // stable name, e.g. scorm12.resource.missing-file
	File     string   `json:"file,omitempty"`   // path in the archive
	Line     int      `json:"line,omitempty"`   // 1-based; 0: the whole file
	Message  string   `json:"message"`          // what was found
	Remedy   string   `json:"remedy"`           // what would do
	Source   string   `json:"source,omitempty"` // where the rule is written, e.g. SCORM 1.2 CAM 2.3.3
}

// Refused says whether a finding is an error.
func (r *Report) Refused() bool {
	for _, f := range r.Findings {
		if f.Severity == SeverityError {
			return true
		}
	}
	return false
}

// AttemptID is the content id that attempt n (1, 2, …) at an import stores its files under.
func AttemptID(importID string, n int) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("lectern/content/"+importID+"/"+strconv.Itoa(n))).String()
}
