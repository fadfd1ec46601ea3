package httpapi

import (
	"cmp"
	"strconv"
	"strings"
)

// reportedInteraction is one of cmi.interactions, with the names of SCORM 2004; those of SCORM 1.2 are given in brackets.
type reportedInteraction struct {
	ID               string   `json:"id"`
	Type             string   `json:"type,omitempty"`
	Description      string   `json:"description,omitempty"`
	Timestamp        string   `json:"timestamp,omitempty" doc:"SCORM 2004: a date and time; SCORM 1.2: the time of day (time)."`
	LearnerResponse  string   `json:"learnerResponse,omitempty" doc:"student_response in SCORM 1.2."`
	Result           string   `json:"result,omitempty"`
	Latency          string   `json:"latency,omitempty"`
	Weighting        string   `json:"weighting,omitempty"`
	CorrectResponses []string `json:"correctResponses,omitempty"`
	Objectives       []string `json:"objectives,omitempty" doc:"Their ids."`
}

// reportedObjective is one of cmi.objectives.
type reportedObjective struct {
	ID              string         `json:"id"`
	Description     string         `json:"description,omitempty"`
	Status          string         `json:"status,omitempty" doc:"SCORM 1.2."`
	Completion      string         `json:"completionStatus,omitempty"`
	Success         string         `json:"successStatus,omitempty"`
	ProgressMeasure string         `json:"progressMeasure,omitempty"`
	Score           *reportedScore `json:"score,omitempty"`
}

type reportedScore struct {
	Scaled string `json:"scaled,omitempty"`
	Raw    string `json:"raw,omitempty"`
	Min    string `json:"min,omitempty"`
	Max    string `json:"max,omitempty"`
}

func interactionsOf(state map[string]string) []reportedInteraction {
	list := []reportedInteraction{}
	for _, at := range members(state, "cmi.interactions.") {
		get := func(name string) string { return state[at+name] }
		i := reportedInteraction{
			ID: get("id"), Type: get("type"), Description: get("description"),
			Timestamp:       cmp.Or(get("timestamp"), get("time")),
			LearnerResponse: cmp.Or(get("learner_response"), get("student_response")),
			Result:          get("result"), Latency: get("latency"), Weighting: get("weighting"),
		}
		i.CorrectResponses = values(state, at+"correct_responses.", ".pattern")
		i.Objectives = values(state, at+"objectives.", ".id")
		list = append(list, i)
	}
	return list
}

func objectivesOf(state map[string]string) []reportedObjective {
	list := []reportedObjective{}
	for _, at := range members(state, "cmi.objectives.") {
		get := func(name string) string { return state[at+name] }
		o := reportedObjective{
			ID: get("id"), Description: get("description"), Status: get("status"),
			Completion: get("completion_status"), Success: get("success_status"), ProgressMeasure: get("progress_measure"),
		}
		if s := (reportedScore{get("score.scaled"), get("score.raw"), get("score.min"), get("score.max")}); s != (reportedScore{}) {
			o.Score = &s
		}
		list = append(list, o)
	}
	return list
}

// members are the prefixes of a collection's members, "cmi.objectives.0." and so on: from 0 without a gap.
func members(state map[string]string, collection string) []string {
	count := 0
	for element := range state {
		if rest, ok := strings.CutPrefix(element, collection); ok {
			number, _, _ := strings.Cut(rest, ".")
			if n, err := strconv.Atoi(number); err == nil && n >= count && n < len(state) {
				count = n + 1
			}
		}
	}
	list := make([]string, count)
	for n := range list {
		list[n] = collection + strconv.Itoa(n) + "."
	}
	return list
}

// values are those of a collection's members that have this one element each.
func values(state map[string]string, collection, element string) []string {
	var list []string
	for {
		v, ok := state[collection+strconv.Itoa(len(list))+element]
		if !ok {
			return list
		}
		list = append(list, v)
	}
}
