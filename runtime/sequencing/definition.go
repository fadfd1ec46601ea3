// Package sequencing is the sequencing definition model of SCORM 2004 (SN chapter 3; IMS Simple Sequencing), as plain
// data. The JSON names are those of the standard; the player hands them to its sequencing engine. Nothing is computed
// here: defaults are filled in when a manifest is read.
package sequencing

// Definition is the sequencing of one activity, with its sequencing collection merged in.
type Definition struct {
	Controls       Controls        `json:"controls"`
	Rules          Rules           `json:"rules"`
	Limits         Limits          `json:"limits"`
	Rollup         Rollup          `json:"rollup"`
	Considerations *Considerations `json:"rollupConsiderations,omitempty"`
	Objectives     []Objective     `json:"objectives,omitempty"` // the primary one first, if there is one
	Randomization  Randomization   `json:"randomization"`
	Delivery       Delivery        `json:"delivery"`
}

// Controls are the sequencing control modes (SN 3.2) and adlseq:constrainedChoiceConsiderations (SN 3.3).
type Controls struct {
	Choice                         bool `json:"choice"`                         // default true
	ChoiceExit                     bool `json:"choiceExit"`                     // default true
	Flow                           bool `json:"flow"`                           // default false
	ForwardOnly                    bool `json:"forwardOnly"`                    // default false
	UseCurrentAttemptObjectiveInfo bool `json:"useCurrentAttemptObjectiveInfo"` // default true
	UseCurrentAttemptProgressInfo  bool `json:"useCurrentAttemptProgressInfo"`  // default true
	PreventActivation              bool `json:"preventActivation"`              // default false
	ConstrainChoice                bool `json:"constrainChoice"`                // default false
}

// Rules are the sequencing rules (SN 3.4).
type Rules struct {
	Pre  []Rule `json:"preConditionRules,omitempty"`
	Exit []Rule `json:"exitConditionRules,omitempty"`
	Post []Rule `json:"postConditionRules,omitempty"`
}

// Rule is one sequencing rule.
type Rule struct {
	Combination string          `json:"conditionCombination"` // all (default) or any
	Conditions  []RuleCondition `json:"conditions"`
	Action      string          `json:"action"` // skip, disabled, hiddenFromChoice, stopForwardTraversal, exit, exitParent, exitAll, retry, retryAll, continue, previous
}

// RuleCondition is one condition of a sequencing rule.
type RuleCondition struct {
	ReferencedObjective string   `json:"referencedObjective,omitempty"`
	MeasureThreshold    *float64 `json:"measureThreshold,omitempty"` // −1 to 1
	Not                 bool     `json:"not,omitempty"`
	Condition           string   `json:"condition"` // satisfied, objectiveStatusKnown, … (SN 3.4.1)
}

// Limits are the limit conditions (SN 3.5). SCORM 2004 evaluates the attempt limit; durations are for the record.
type Limits struct {
	AttemptLimit                 *int   `json:"attemptLimit,omitempty"`
	AttemptAbsoluteDurationLimit string `json:"attemptAbsoluteDurationLimit,omitempty"` // ISO 8601
}

// Rollup is the rollup rules and controls (SN 3.7, 3.8).
type Rollup struct {
	ObjectiveSatisfied     bool         `json:"rollupObjectiveSatisfied"` // default true
	ProgressCompletion     bool         `json:"rollupProgressCompletion"` // default true
	ObjectiveMeasureWeight float64      `json:"objectiveMeasureWeight"`   // default 1
	Rules                  []RollupRule `json:"rules,omitempty"`
}

// RollupRule is one rollup rule.
type RollupRule struct {
	ChildActivitySet string            `json:"childActivitySet"` // all (default), any, none, atLeastCount, atLeastPercent
	MinimumCount     int               `json:"minimumCount,omitempty"`
	MinimumPercent   float64           `json:"minimumPercent,omitempty"` // 0–1
	Combination      string            `json:"conditionCombination"`     // any (default) or all
	Conditions       []RollupCondition `json:"conditions"`
	Action           string            `json:"action"` // satisfied, notSatisfied, completed, incomplete
}

// RollupCondition is one condition of a rollup rule.
type RollupCondition struct {
	Not       bool   `json:"not,omitempty"`
	Condition string `json:"condition"`
}

// Considerations are adlseq:rollupConsiderations (SN 3.9): always, ifAttempted, ifNotSkipped, ifNotSuspended.
type Considerations struct {
	RequiredForSatisfied        string `json:"requiredForSatisfied"`
	RequiredForNotSatisfied     string `json:"requiredForNotSatisfied"`
	RequiredForCompleted        string `json:"requiredForCompleted"`
	RequiredForIncomplete       string `json:"requiredForIncomplete"`
	MeasureSatisfactionIfActive bool   `json:"measureSatisfactionIfActive"` // default true
}

// Objective is one objective (SN 3.10).
type Objective struct {
	ID                   string         `json:"objectiveID,omitempty"`
	Primary              bool           `json:"isPrimary,omitempty"`
	SatisfiedByMeasure   bool           `json:"satisfiedByMeasure,omitempty"`
	MinNormalizedMeasure float64        `json:"minNormalizedMeasure"` // −1 to 1, default 1
	Maps                 []ObjectiveMap `json:"mapInfo,omitempty"`
}

// ObjectiveMap is imsss:mapInfo with adlseq:mapInfo of the 4th edition merged in by target.
type ObjectiveMap struct {
	TargetObjectiveID      string `json:"targetObjectiveID"`
	ReadSatisfiedStatus    bool   `json:"readSatisfiedStatus"`   // default true
	ReadNormalizedMeasure  bool   `json:"readNormalizedMeasure"` // default true
	WriteSatisfiedStatus   bool   `json:"writeSatisfiedStatus"`
	WriteNormalizedMeasure bool   `json:"writeNormalizedMeasure"`
	ReadRawScore           bool   `json:"readRawScore"` // this and below: 4th edition, where reading is true by default; false before
	ReadMinScore           bool   `json:"readMinScore"`
	ReadMaxScore           bool   `json:"readMaxScore"`
	ReadCompletionStatus   bool   `json:"readCompletionStatus"`
	ReadProgressMeasure    bool   `json:"readProgressMeasure"`
	WriteRawScore          bool   `json:"writeRawScore"`
	WriteMinScore          bool   `json:"writeMinScore"`
	WriteMaxScore          bool   `json:"writeMaxScore"`
	WriteCompletionStatus  bool   `json:"writeCompletionStatus"`
	WriteProgressMeasure   bool   `json:"writeProgressMeasure"`
}

// Randomization is the selection and randomization controls (SN 3.11, 3.12): never (default), once, onEachNewAttempt.
type Randomization struct {
	SelectionTiming     string `json:"selectionTiming"`
	SelectCount         *int   `json:"selectCount,omitempty"`
	RandomizationTiming string `json:"randomizationTiming"`
	ReorderChildren     bool   `json:"reorderChildren,omitempty"`
}

// Delivery is the delivery controls (SN 3.13).
type Delivery struct {
	Tracked                bool `json:"tracked"`                // default true
	CompletionSetByContent bool `json:"completionSetByContent"` // default false
	ObjectiveSetByContent  bool `json:"objectiveSetByContent"`  // default false
}
