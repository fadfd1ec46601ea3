package manifest

import (
	"slices"
	"strings"

	"github.com/lectern/lectern/runtime/sequencing"
)

// What rules may say (SN 3.4, 3.7).
var (
	preActions  = []string{"skip", "disabled", "hiddenFromChoice", "stopForwardTraversal"}
	exitActions = []string{"exit"}
	postActions = []string{"exitParent", "exitAll", "retry", "retryAll", "continue", "previous"}

	ruleConditions = []string{
		"satisfied", "objectiveStatusKnown", "objectiveMeasureKnown", "objectiveMeasureGreaterThan", "objectiveMeasureLessThan",
		"completed", "activityProgressKnown", "attempted", "attemptLimitExceeded", "timeLimitExceeded", "outsideAvailableTimeRange", "always",
	}
	rollupActions    = []string{"satisfied", "notSatisfied", "completed", "incomplete"}
	rollupConditions = []string{
		"satisfied", "objectiveStatusKnown", "objectiveMeasureKnown", "completed", "activityProgressKnown", "attempted",
		"attemptLimitExceeded", "timeLimitExceeded", "outsideAvailableTimeRange", "never",
	}
)

func (s *scorm) rules(e *element) sequencing.Rules {
	if e == nil {
		return sequencing.Rules{}
	}
	return sequencing.Rules{
		Pre:  s.ruleList(e, "preConditionRule", preActions),
		Exit: s.ruleList(e, "exitConditionRule", exitActions),
		Post: s.ruleList(e, "postConditionRule", postActions),
	}
}

func (s *scorm) ruleList(e *element, name string, actions []string) []sequencing.Rule {
	var list []sequencing.Rule
	for _, r := range e.extensions("imsss", name) {
		conditions := orNone(r.extension("imsss", "ruleConditions"))
		rule := sequencing.Rule{
			Combination: s.choice(sequencingValue, conditions, "conditionCombination", "all", "any"),
			Action:      word(orNone(r.extension("imsss", "ruleAction")).value("action"), actions),
		}
		for _, c := range conditions.extensions("imsss", "ruleCondition") {
			if condition, ok := s.ruleCondition(c); ok {
				rule.Conditions = append(rule.Conditions, condition)
			}
		}
		if s.complete(r, rule.Action, len(rule.Conditions), actions) {
			list = append(list, rule)
		}
	}
	return list
}

// complete reports a rule that can never apply; it is ignored.
func (s *scorm) complete(r *element, action string, conditions int, actions []string) bool {
	switch {
	case action == "":
		s.report(sequencingRule, r.line, "A <%s> has none of the actions %s; the rule is ignored.", r.name.Local, strings.Join(actions, ", "))
	case conditions == 0:
		s.report(sequencingRule, r.line, "A <%s> has no condition; the rule is ignored.", r.name.Local)
	default:
		return true
	}
	return false
}

func (s *scorm) ruleCondition(e *element) (sequencing.RuleCondition, bool) {
	c := sequencing.RuleCondition{
		ReferencedObjective: objectiveName(e.value("referencedObjective")),
		Not:                 s.not(e),
		Condition:           s.condition(e, ruleConditions),
	}
	if _, ok := e.attr("measureThreshold"); ok {
		c.MeasureThreshold = new(s.decimal(sequencingValue, e, "measureThreshold", 0, -1))
	}
	return c, c.Condition != ""
}

func (s *scorm) not(e *element) bool {
	return s.choice(sequencingValue, e, "operator", "noOp", "not") == "not"
}

func (s *scorm) condition(e *element, known []string) string {
	v := e.value("condition")
	w := word(v, known)
	if w == "" {
		s.report(sequencingRule, e.line, "The condition %q is not one of %s; it is ignored.", v, strings.Join(known, ", "))
	}
	return w
}

// word is a word of a vocabulary in its own spelling, or "".
func word(v string, vocabulary []string) string {
	if i := slices.IndexFunc(vocabulary, func(w string) bool { return strings.EqualFold(v, w) }); i >= 0 {
		return vocabulary[i]
	}
	return ""
}

// referencedObjectives reports conditions about objectives that the activity does not have: they are never known.
func (s *scorm) referencedObjectives(rules []sequencing.Rule, objectives []sequencing.Objective, e *element) {
	known := map[string]bool{"": true}
	for _, o := range objectives {
		known[o.ID] = true
	}
	for _, r := range rules {
		for _, c := range r.Conditions {
			if !known[c.ReferencedObjective] {
				s.report(sequencingObjective, e.line, "A rule refers to the objective %q, which the activity does not have.", c.ReferencedObjective)
			}
		}
	}
}

// rollup reads rollup rules and controls (SN 3.7, 3.8).
func (s *scorm) rollup(e *element) sequencing.Rollup {
	e = orNone(e)
	r := sequencing.Rollup{
		ObjectiveSatisfied:     s.flag(e, "rollupObjectiveSatisfied", true),
		ProgressCompletion:     s.flag(e, "rollupProgressCompletion", true),
		ObjectiveMeasureWeight: s.decimal(sequencingValue, e, "objectiveMeasureWeight", 1, 0),
	}
	for _, x := range e.extensions("imsss", "rollupRule") {
		if rule, ok := s.rollupRule(x); ok {
			r.Rules = append(r.Rules, rule)
		}
	}
	return r
}

func (s *scorm) rollupRule(e *element) (sequencing.RollupRule, bool) {
	conditions := orNone(e.extension("imsss", "rollupConditions"))
	rule := sequencing.RollupRule{
		ChildActivitySet: s.choice(sequencingValue, e, "childActivitySet", "all", "any", "none", "atLeastCount", "atLeastPercent"),
		MinimumPercent:   s.decimal(sequencingValue, e, "minimumPercent", 0, 0),
		Combination:      s.choice(sequencingValue, conditions, "conditionCombination", "any", "all"),
		Action:           word(orNone(e.extension("imsss", "rollupAction")).value("action"), rollupActions),
	}
	if n := s.integer(sequencingValue, e, "minimumCount"); n != nil {
		rule.MinimumCount = *n
	}
	for _, c := range conditions.extensions("imsss", "rollupCondition") {
		if name := s.condition(c, rollupConditions); name != "" {
			rule.Conditions = append(rule.Conditions, sequencing.RollupCondition{Not: s.not(c), Condition: name})
		}
	}
	return rule, s.complete(e, rule.Action, len(rule.Conditions), rollupActions)
}
