package manifest

import (
	"strconv"

	"github.com/lectern/lectern/runtime/sequencing"
)

// objectives reads imsss:objectives, and what adlseq:objectives of the 4th edition adds to their maps (CAM 5.1.7, 5.1.12). The primary one comes
// first.
func (s *scorm) objectives(e *element) []sequencing.Objective {
	var list []sequencing.Objective
	for _, parent := range e.children {
		if !parent.is("objectives") || parent.in("adlseq") {
			continue
		}
		for _, o := range parent.extensions("imsss", "primaryObjective") {
			list = append(list, s.objective(o, true))
		}
		for _, o := range parent.extensions("imsss", "objective") {
			list = append(list, s.objective(o, false))
		}
	}
	byName := map[string]*sequencing.Objective{}
	for i := range list {
		if byName[list[i].ID] == nil {
			byName[list[i].ID] = &list[i]
		}
	}
	for _, parent := range e.children {
		if parent.is("objectives") && parent.in("adlseq") {
			for _, o := range parent.extensions("adlseq", "objective") {
				s.extendObjective(byName, o)
			}
		}
	}
	return list
}

func (s *scorm) objective(e *element, primary bool) sequencing.Objective {
	o := sequencing.Objective{
		ID:                   objectiveName(e.value("objectiveID")),
		Primary:              primary,
		SatisfiedByMeasure:   s.flag(e, "satisfiedByMeasure", false),
		MinNormalizedMeasure: 1,
	}
	if m := e.extension("imsss", "minNormalizedMeasure"); m.content() != "" {
		n, err := strconv.ParseFloat(m.content(), 64)
		if err == nil && within(n, -1, 1) {
			o.MinNormalizedMeasure = n
		} else {
			s.report(sequencingValue, m.line, "minNormalizedMeasure %q is not a number from -1 to 1; 1 is taken.", m.content())
		}
	}
	for _, m := range e.extensions("imsss", "mapInfo") {
		if target, ok := s.mapTarget(m); ok {
			o.Maps = append(o.Maps, s.sharedMap(m, target))
		}
	}
	if o.ID == "" && (!primary || len(o.Maps) > 0) {
		s.report(objectiveIdentifier, e.line, "An objective has no objectiveID.")
	}
	return o
}

func (s *scorm) mapTarget(e *element) (string, bool) {
	target := objectiveName(e.value("targetObjectiveID"))
	if target == "" {
		s.report(mapTarget, e.line, "A mapInfo has no targetObjectiveID; it is ignored.")
	}
	return target, target != ""
}

// sharedMap reads imsss:mapInfo. In the 4th edition an objective also reads scores, completion and progress unless told otherwise; before,
// they were not shared (SN 3.10).
func (s *scorm) sharedMap(e *element, target string) sequencing.ObjectiveMap {
	return sequencing.ObjectiveMap{
		TargetObjectiveID:      target,
		ReadSatisfiedStatus:    s.flag(e, "readSatisfiedStatus", true),
		ReadNormalizedMeasure:  s.flag(e, "readNormalizedMeasure", true),
		WriteSatisfiedStatus:   s.flag(e, "writeSatisfiedStatus", false),
		WriteNormalizedMeasure: s.flag(e, "writeNormalizedMeasure", false),
		ReadRawScore:           s.fourth,
		ReadMinScore:           s.fourth,
		ReadMaxScore:           s.fourth,
		ReadCompletionStatus:   s.fourth,
		ReadProgressMeasure:    s.fourth,
	}
}

// extendObjective merges an adlseq:objective into the imsss one of the same name, map by map. What a target's map leaves out is read by default
// (as in ADL's sample run-time), but not where maps to another target already say it: an objective reads each value from one
// place (SN 3.10; OB-10a of ADL's suite).
func (s *scorm) extendObjective(byName map[string]*sequencing.Objective, e *element) {
	id := objectiveName(e.value("objectiveID"))
	o := byName[id]
	if o == nil {
		s.report(sequencingObjective, e.line, "adlseq:objective extends the objective %q, which the activity does not have; it is ignored.", id)
		return
	}
	maps := e.extensions("adlseq", "mapInfo")
	alone := len(o.Maps) == 0
	byTarget := map[string]int{}
	for i := range o.Maps {
		byTarget[o.Maps[i].TargetObjectiveID] = i
		if len(maps) > 0 {
			o.Maps[i].ReadRawScore, o.Maps[i].ReadMinScore, o.Maps[i].ReadMaxScore = false, false, false
			o.Maps[i].ReadCompletionStatus, o.Maps[i].ReadProgressMeasure = false, false
		}
	}
	for _, m := range maps {
		target, ok := s.mapTarget(m)
		if !ok {
			continue
		}
		i, found := byTarget[target]
		if !found {
			i = len(o.Maps)
			byTarget[target] = i
			o.Maps = append(o.Maps, sequencing.ObjectiveMap{TargetObjectiveID: target, ReadSatisfiedStatus: alone, ReadNormalizedMeasure: alone})
		}
		shared := &o.Maps[i]
		shared.ReadRawScore = s.flag(m, "readRawScore", true)
		shared.ReadMinScore = s.flag(m, "readMinScore", true)
		shared.ReadMaxScore = s.flag(m, "readMaxScore", true)
		shared.ReadCompletionStatus = s.flag(m, "readCompletionStatus", true)
		shared.ReadProgressMeasure = s.flag(m, "readProgressMeasure", true)
		shared.WriteRawScore = s.flag(m, "writeRawScore", false)
		shared.WriteMinScore = s.flag(m, "writeMinScore", false)
		shared.WriteMaxScore = s.flag(m, "writeMaxScore", false)
		shared.WriteCompletionStatus = s.flag(m, "writeCompletionStatus", false)
		shared.WriteProgressMeasure = s.flag(m, "writeProgressMeasure", false)
	}
}
