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
	ObjectivesGlobalToSystem bool `json:"objectivesGlobalToSystem,omitempty"`
	// SharedDataGlobalToSystem is adlcp:sharedDataGlobalToSystem; true by default (4th edition).
	SharedDataGlobalToSystem bool `json:"sharedDataGlobalToSystem,omitempty"`
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
	ID     string `json:"id"` // unique in the structure
	Title  string `json:"title"`
	Kind   Kind   `json:"kind,omitempty"`
	Launch string `json:"launch,omitempty"` // path in the package with query and fragment, or an absolute URL; "" for clusters
	Hidden bool   `json:"hidden,omitempty"` // isvisible="false"

	// SCORM 1.2 (CAM 2.3.2.5; RTE 3.4)
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

	Children []Activity `json:"children,omitempty"`
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
