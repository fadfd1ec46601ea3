package manifest

import (
	"strings"

	"github.com/lectern/lectern/runtime/sequencing"
)

// readCollections indexes the sequencing that activities refer to by IDRef (CAM 5.1.1).
func (s *scorm) readCollections(manifest *element) {
	for _, c := range manifest.extensions("imsss", "sequencingCollection") {
		for _, seq := range c.extensions("imsss", "sequencing") {
			if id := seq.value("ID"); id != "" {
				s.collection[id] = seq
			}
		}
	}
	for _, inner := range manifest.own("manifest") {
		s.readCollections(inner)
	}
}

// merged is an activity's sequencing with the referenced one below it: what the activity says itself replaces the whole element of
// that name (CAM 5.1.1).
func (s *scorm) merged(e *element) *element {
	id, ok := e.attr("IDRef")
	if !ok {
		return e
	}
	shared, ok := s.collection[id]
	if !ok {
		s.report(sequencingReference, e.line, "The sequencing %q is in no sequencing collection.", id)
		return e
	}
	s.referred += shared.size()
	if s.referred > maxElements {
		s.report(tooLarge, e.line, "Activities refer to more than %d elements of sequencing collections.", maxElements)
		return e
	}
	whole := &element{name: e.name, attrs: e.attrs, line: e.line, children: append([]*element{}, e.children...)}
	type like struct { // imsss:objectives and adlseq:objectives are different ones
		name   string
		adlseq bool
	}
	said := map[like]bool{}
	for _, c := range e.children {
		said[like{strings.ToLower(c.name.Local), c.in("adlseq")}] = true
	}
	for _, c := range shared.children {
		if !said[like{strings.ToLower(c.name.Local), c.in("adlseq")}] {
			whole.children = append(whole.children, c)
		}
	}
	return whole
}

// sequencing reads the sequencing of one activity, defaults filled in (SN 3; CAM 5.1).
func (s *scorm) sequencing(e *element) *sequencing.Definition {
	e = s.merged(e)
	d := &sequencing.Definition{
		Controls:   s.controls(e),
		Limits:     s.limits(e.extension("imsss", "limitConditions")),
		Objectives: s.objectives(e),
		Rollup:     s.rollup(e.extension("imsss", "rollupRules")),
	}
	d.Rules = s.rules(e.extension("imsss", "sequencingRules"))
	for _, r := range [][]sequencing.Rule{d.Rules.Pre, d.Rules.Exit, d.Rules.Post} {
		s.referencedObjectives(r, d.Objectives, e)
	}
	d.Considerations = s.considerations(e.extension("adlseq", "rollupConsiderations"))
	d.Randomization = s.randomization(e.extension("imsss", "randomizationControls"))
	d.Delivery = s.delivery(e.extension("imsss", "deliveryControls"))
	return d
}

// orNone stands in for an element that is not there, so that the defaults of its attributes hold.
func orNone(e *element) *element {
	if e == nil {
		return &element{}
	}
	return e
}

func (s *scorm) flag(e *element, name string, byDefault bool) bool {
	return s.boolean(sequencingValue, e, name, byDefault)
}

func (s *scorm) controls(e *element) sequencing.Controls {
	mode := orNone(e.extension("imsss", "controlMode"))
	constrained := orNone(e.extension("adlseq", "constrainedChoiceConsiderations"))
	return sequencing.Controls{
		Choice:                         s.flag(mode, "choice", true),
		ChoiceExit:                     s.flag(mode, "choiceExit", true),
		Flow:                           s.flag(mode, "flow", false),
		ForwardOnly:                    s.flag(mode, "forwardOnly", false),
		UseCurrentAttemptObjectiveInfo: s.flag(mode, "useCurrentAttemptObjectiveInfo", true),
		UseCurrentAttemptProgressInfo:  s.flag(mode, "useCurrentAttemptProgressInfo", true),
		PreventActivation:              s.flag(constrained, "preventActivation", false),
		ConstrainChoice:                s.flag(constrained, "constrainChoice", false),
	}
}

func (s *scorm) limits(e *element) sequencing.Limits {
	e = orNone(e)
	return sequencing.Limits{
		AttemptLimit:                 s.integer(sequencingValue, e, "attemptLimit"),
		AttemptAbsoluteDurationLimit: e.value("attemptAbsoluteDurationLimit"),
	}
}

var considered = []string{"always", "ifAttempted", "ifNotSkipped", "ifNotSuspended"}

func (s *scorm) considerations(e *element) *sequencing.Considerations {
	if e == nil {
		return nil
	}
	return &sequencing.Considerations{
		RequiredForSatisfied:        s.choice(sequencingValue, e, "requiredForSatisfied", considered...),
		RequiredForNotSatisfied:     s.choice(sequencingValue, e, "requiredForNotSatisfied", considered...),
		RequiredForCompleted:        s.choice(sequencingValue, e, "requiredForCompleted", considered...),
		RequiredForIncomplete:       s.choice(sequencingValue, e, "requiredForIncomplete", considered...),
		MeasureSatisfactionIfActive: s.flag(e, "measureSatisfactionIfActive", true),
	}
}

var timings = []string{"never", "once", "onEachNewAttempt"}

func (s *scorm) randomization(e *element) sequencing.Randomization {
	e = orNone(e)
	return sequencing.Randomization{
		SelectionTiming:     s.choice(sequencingValue, e, "selectionTiming", timings...),
		SelectCount:         s.integer(sequencingValue, e, "selectCount"),
		RandomizationTiming: s.choice(sequencingValue, e, "randomizationTiming", timings...),
		ReorderChildren:     s.flag(e, "reorderChildren", false),
	}
}

func (s *scorm) delivery(e *element) sequencing.Delivery {
	e = orNone(e)
	return sequencing.Delivery{
		Tracked:                s.flag(e, "tracked", true),
		CompletionSetByContent: s.flag(e, "completionSetByContent", false),
		ObjectiveSetByContent:  s.flag(e, "objectiveSetByContent", false),
	}
}

// objectiveName is an objective's identifier as it is compared: white space, also encoded, counts once between words and not at all around
// them, as ADL's test suite writes (OB-11a) and expects it (OB-12a).
func objectiveName(v string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(v, "%20", " ")), " ")
}
