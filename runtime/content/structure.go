// Package content is courses, their versions, and the packages they come from.
package content

import "github.com/lectern/lectern/runtime/sequencing"

// Standard is how a package is made.
type Standard string

// Standards.
const (
	SCORM12   Standard = "scorm12"
	SCORM2004 Standard = "scorm2004"
	XAPI      Standard = "xapi" // tincan.xml
	CMI5      Standard = "cmi5"
	AICC      Standard = "aicc"
)

// Structure is what a package says about itself: all that launching and playing need. It is stored as JSON with the
// version, and the player reads it.
type Structure struct {
	Standard Standard `json:"standard"`
	Edition  string   `json:"edition,omitempty"` // SCORM 2004: "2nd", "3rd" or "4th"
	ID       string   `json:"id"`                // the package's own identifier
	Title    string   `json:"title"`
	Root     Activity `json:"root"` // the default organization; leaves have a Launch
	// ObjectivesGlobalToSystem is adlseq:objectivesGlobalToSystem of the organization; true by default (SCORM 2004 SN 3.10).
	ObjectivesGlobalToSystem bool `json:"objectivesGlobalToSystem"`
	// SharedDataGlobalToSystem is adlcp:sharedDataGlobalToSystem; true by default (4th edition).
	SharedDataGlobalToSystem bool `json:"sharedDataGlobalToSystem"`
	// Objectives are those that a cmi5 course defines (cmi5 13.1.3); its units refer to them.
	Objectives []Objective `json:"objectives,omitempty"`
}

// Objective is what a cmi5 course teaches.
type Objective struct {
	ID          string `json:"id"` // an IRI
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

// Kind of a leaf activity.
type Kind string

// Kinds. A cluster has none.
const (
	KindSCO   Kind = "sco"   // finds and calls the API
	KindAsset Kind = "asset" // does not
	KindAU    Kind = "au"    // AICC or cmi5 assignable unit, or an xAPI activity
)

// Activity is an organization, item, block or unit.
type Activity struct {
	ID    string `json:"id"` // unique in the structure
	Title string `json:"title"`
	Kind  Kind   `json:"kind,omitempty"`
	// Launch is an absolute URL, or a path in the package, percent-encoded, with query and fragment: appended to the address of the
	// package's root it is a URL. "" for clusters.
	Launch string `json:"launch,omitempty"`
	Hidden bool   `json:"hidden,omitempty"` // isvisible="false"

	// SCORM 1.2 (CAM 2.3.2.5; RTE 3.4), and AICC units (core_vendor is DataFromLMS)
	MasteryScore    string `json:"masteryScore,omitempty"`    // 0–100
	MaxTimeAllowed  string `json:"maxTimeAllowed,omitempty"`  // CMITimespan, HHHH:MM:SS.SS
	TimeLimitAction string `json:"timeLimitAction,omitempty"` // also SCORM 2004
	DataFromLMS     string `json:"dataFromLMS,omitempty"`     // launch_data; also SCORM 2004
	Prerequisites   string `json:"prerequisites,omitempty"`   // AICC script

	// SCORM 2004
	CompletionThreshold *CompletionThreshold   `json:"completionThreshold,omitempty"`
	HideLMSUI           []string               `json:"hideLmsUi,omitempty"` // continue, previous, exit, exitAll, abandon, abandonAll, suspendAll
	SharedData          []SharedData           `json:"sharedData,omitempty"`
	Sequencing          *sequencing.Definition `json:"sequencing,omitempty"`

	// xAPI and cmi5
	Description  string `json:"description,omitempty"`
	ActivityType string `json:"activityType,omitempty"` // an IRI
	AU           *AU    `json:"au,omitempty"`           // cmi5 only

	Children []Activity `json:"children,omitempty"`
}

// AU is what a cmi5 course says of an assignable unit (cmi5 13.1.4). A block has only objectives.
type AU struct {
	MoveOn           string   `json:"moveOn,omitempty"`           // Passed, Completed, CompletedAndPassed, CompletedOrPassed, NotApplicable (default)
	LaunchMethod     string   `json:"launchMethod,omitempty"`     // AnyWindow (default), OwnWindow
	MasteryScore     *float64 `json:"masteryScore,omitempty"`     // 0–1
	LaunchParameters string   `json:"launchParameters,omitempty"` // static data for the unit
	EntitlementKey   string   `json:"entitlementKey,omitempty"`
	Objectives       []string `json:"objectives,omitempty"` // ids of Structure.Objectives
}

// CompletionThreshold is adlcp:completionThreshold (SCORM 2004 4th ed. CAM 3.4.1.12); earlier editions have only the measure.
type CompletionThreshold struct {
	CompletedByMeasure bool    `json:"completedByMeasure"`
	MinProgressMeasure float64 `json:"minProgressMeasure"` // 0–1, default 1
	ProgressWeight     float64 `json:"progressWeight"`     // 0–1, default 1
}

// SharedData is a map of adlcp:data (4th edition): a bucket of data that activities share.
type SharedData struct {
	TargetID string `json:"targetID"`
	Read     bool   `json:"readSharedData"`
	Write    bool   `json:"writeSharedData"`
}

// Leaves are the activities that can be launched, in the order of the structure.
func (s *Structure) Leaves() []*Activity {
	var list []*Activity
	var walk func(*Activity)
	walk = func(a *Activity) {
		if a.Launch != "" {
			list = append(list, a)
		}
		for i := range a.Children {
			walk(&a.Children[i])
		}
	}
	walk(&s.Root)
	return list
}
