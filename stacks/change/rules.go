package change

import (
	"fmt"
	"strings"
)

// rule says what CloudFormation's specification does not: what a change of a property
// means, for some values of it.
type rule struct {
	on       string // resource type
	property string // with dots; "*" for any
	when     func(asked) bool
	then     Effect
	perhaps  bool
	seconds  int
	say      string
	way      string
	page     string
}

// asked is what a rule may look at.
type asked struct {
	comparison *comparison
	state      *state
	difference
}

// rules are asked in order, the first that applies holds.
func rules() []rule {
	var all []rule
	for _, list := range [][]rule{databaseRules(), cacheRules(), computeRules(), balancerRules(), edgeRules(), keptRules()} {
		all = append(all, list...)
	}
	return all
}

var allRules = rules()

func (c *comparison) judgeByRule(s *state, d difference) (Finding, bool) {
	a := asked{c, s, d}
	for _, r := range allRules {
		if r.on != s.after.Type || r.property != "*" && !concerns(d.property(), []string{r.property}) {
			continue
		}
		if r.when == nil || r.when(a) {
			return Finding{Effect: r.then, Perhaps: r.perhaps, Seconds: r.seconds, Text: r.say, Way: r.way, Page: r.page}, true
		}
	}
	return Finding{}, false
}

// before and after are other properties of the same resource.
func (a asked) before(property string) any { return at(a.state.before.Properties, property) }
func (a asked) after(property string) any  { return at(a.state.after.Properties, property) }

// is says whether a property is that afterwards.
func is(property string, value any) func(asked) bool {
	return func(a asked) bool { return fmt.Sprint(a.after(property)) == fmt.Sprint(value) }
}

func not(condition func(asked) bool) func(asked) bool {
	return func(a asked) bool { return !condition(a) }
}

func all(conditions ...func(asked) bool) func(asked) bool {
	return func(a asked) bool {
		for _, condition := range conditions {
			if !condition(a) {
				return false
			}
		}
		return true
	}
}

// less and more compare numbers and versions.
func less(a asked) bool { return order(a.new, a.old) < 0 }
func more(a asked) bool { return order(a.new, a.old) > 0 }

// toOrFromZero says that a number becomes 0 or was.
func toOrFromZero(a asked) bool {
	return fmt.Sprint(a.old) == "0" || fmt.Sprint(a.new) == "0"
}

// loses says that a list has less than before.
func loses(a asked) bool {
	old, _ := a.old.([]any)
	left := map[string]bool{}
	fresh, _ := a.new.([]any)
	for _, item := range fresh {
		left[fmt.Sprint(item)] = true
	}
	for _, item := range old {
		if !left[fmt.Sprint(item)] {
			return true
		}
	}
	return false
}

// order compares two numbers or versions, part by part.
func order(a, b any) int {
	x, y := parts(a), parts(b)
	for i := range max(len(x), len(y)) {
		var m, n int
		if i < len(x) {
			m = x[i]
		}
		if i < len(y) {
			n = y[i]
		}
		if m != n {
			return pick(m < n, -1, 1)
		}
	}
	return 0
}

func parts(value any) []int {
	switch v := value.(type) {
	case float64:
		return []int{int(v)}
	case string:
		var found []int
		for part := range strings.SplitSeq(v, ".") {
			n := 0
			if _, err := fmt.Sscanf(part, "%d", &n); err != nil {
				break
			}
			found = append(found, n)
		}
		return found
	}
	return nil
}

// referrers are the resources of the assembly before that refer to a key by a property
// of one of those types; all types when none is given.
func (c *comparison) referrers(key string, types ...string) []*state {
	var found []*state
	for _, k := range c.keys {
		s := c.states[k]
		if s.before == nil || len(types) > 0 && !contains(types, s.before.Type) {
			continue
		}
		for _, r := range references(s.before.Properties) {
			if r.key == key {
				found = append(found, s)
				break
			}
		}
	}
	return found
}

func contains(list []string, value string) bool {
	for _, item := range list {
		if item == value {
			return true
		}
	}
	return false
}
