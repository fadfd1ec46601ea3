package manifest

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lectern/lectern/runtime/content"
)

// timespan is CMITimespan (SCORM 1.2 RTE 3.4.1).
var timespan = regexp.MustCompile(`^\d{2,4}:\d{2}:\d{2}(\.\d{1,2})?$`)

var timeLimitActions = []string{"exit,message", "exit,no message", "continue,message", "continue,no message"}

// read12 reads what SCORM 1.2 says of an item (CAM 2.3.2.5, adlcp_rootv1p2).
func (s *scorm) read12(e *element, a *content.Activity) {
	a.Prerequisites = e.extension("adlcp", "prerequisites").content()
	a.DataFromLMS = e.extension("adlcp", "datafromlms").content()
	a.TimeLimitAction = s.timeLimitAction(itemValue12, e)
	if m := e.extension("adlcp", "masteryscore"); m.content() != "" {
		if score, err := strconv.ParseFloat(m.content(), 64); err == nil && within(score, 0, 100) {
			a.MasteryScore = m.content()
		} else {
			s.report(itemValue12, m.line, "The masteryscore %q of the item %q is not a number from 0 to 100; it is ignored.", m.content(), a.ID)
		}
	}
	if m := e.extension("adlcp", "maxtimeallowed"); m.content() != "" {
		if timespan.MatchString(m.content()) {
			a.MaxTimeAllowed = m.content()
		} else {
			s.report(itemValue12, m.line, "The maxtimeallowed %q of the item %q is not HHHH:MM:SS.SS; it is ignored.", m.content(), a.ID)
		}
	}
}

func (s *scorm) timeLimitAction(r rule, e *element) string {
	t := e.extension("adlcp", "timeLimitAction")
	if t.content() == "" {
		return ""
	}
	parts := strings.Split(strings.ToLower(t.label()), ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if action := strings.Join(parts, ","); slices.Contains(timeLimitActions, action) {
		return action
	}
	s.report(r, t.line, "The time limit action %q is not one of %q; it is ignored.", t.content(), timeLimitActions)
	return ""
}

// read2004 reads what SCORM 2004 says of an item or organization (CAM 3.4.1, 5).
func (s *scorm) read2004(e *element, a *content.Activity) {
	a.DataFromLMS = e.extension("adlcp", "dataFromLMS").content()
	a.TimeLimitAction = s.timeLimitAction(itemValue2004, e)
	a.CompletionThreshold = s.completionThreshold(e.extension("adlcp", "completionThreshold"))
	a.HideLMSUI = s.hideLMSUI(e)
	for _, data := range e.extensions("adlcp", "data") {
		for _, m := range data.extensions("adlcp", "map") {
			target := m.value("targetID")
			if target == "" {
				s.report(sharedDataTarget, m.line, "A map of shared data of %q has no targetID; it is ignored.", a.ID)
				continue
			}
			a.SharedData = append(a.SharedData, content.SharedData{
				TargetID: target,
				Read:     s.boolean(itemValue2004, m, "readSharedData", true),
				Write:    s.boolean(itemValue2004, m, "writeSharedData", true),
			})
		}
	}
	if seq := e.extension("imsss", "sequencing"); seq != nil {
		a.Sequencing = s.sequencing(seq)
	}
}

// completionThreshold reads both ways to write it: until the 3rd edition the measure is the element's text, and stating it means to be completed by it;
// the 4th has attributes.
func (s *scorm) completionThreshold(e *element) *content.CompletionThreshold {
	if e == nil {
		return nil
	}
	t := &content.CompletionThreshold{MinProgressMeasure: 1, ProgressWeight: 1}
	if text := e.content(); text != "" {
		measure, err := strconv.ParseFloat(text, 64)
		if err != nil || !within(measure, 0, 1) {
			s.report(itemValue2004, e.line, "The completion threshold %q is not a number from 0 to 1; it is ignored.", text)
			return nil
		}
		t.CompletedByMeasure, t.MinProgressMeasure = true, measure
		return t
	}
	t.CompletedByMeasure = s.boolean(itemValue2004, e, "completedByMeasure", false)
	t.MinProgressMeasure = s.decimal(itemValue2004, e, "minProgressMeasure", 1, 0)
	t.ProgressWeight = s.decimal(itemValue2004, e, "progressWeight", 1, 0)
	return t
}

var navigation = []string{"continue", "previous", "exit", "exitAll", "abandon", "abandonAll", "suspendAll"}

// hideLMSUI reads adlnav:presentation (CAM 5.2).
func (s *scorm) hideLMSUI(e *element) []string {
	var hidden []string
	for _, p := range e.extensions("adlnav", "presentation") {
		for _, n := range p.extensions("adlnav", "navigationInterface") {
			for _, h := range n.extensions("adlnav", "hideLMSUI") {
				i := slices.IndexFunc(navigation, func(v string) bool { return strings.EqualFold(v, h.content()) })
				if i < 0 {
					s.report(hideUnknown, h.line, "hideLMSUI %q is not a control; it is ignored.", h.content())
				} else if !slices.Contains(hidden, navigation[i]) {
					hidden = append(hidden, navigation[i])
				}
			}
		}
	}
	return hidden
}
