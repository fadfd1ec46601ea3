package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lectern/lectern/config"
)

// maxWCU is what the base price of a web ACL covers.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
const maxWCU = 1_500

// What Lectern's own rules take at most, in WCU: the rate limit, and the body-size
// rule with its exempt paths (a label, and a regex under two text transformations).
// Shield Advanced takes 150 more only where it may answer attacks by itself, which
// Lectern does not switch on.
const (
	rateLimitWCU = 2
	bodySizeWCU  = 1 + 3 + 2*10
)

// bodySizeGroup is the managed group that holds the body-size rule.
const bodySizeGroup = "CommonRuleSet"

// maxPathsExpression is how long a regular expression WAF takes, in characters.
// https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
const maxPathsExpression = 512

func (r *resolver) waf(e *Edge) {
	c := r.c.Edge.WAF
	e.WAFScope = "REGIONAL"
	if e.CDN {
		e.WAFScope = "CLOUDFRONT"
	}
	e.WAFRateLimit = c.RateLimit
	e.WAFManagedGroups = list(c.ManagedGroups)
	e.BodySizeExemptPaths = union(r.needs.BodySizeExemptPaths, c.BodySizeExemptPaths)

	var quoted []string
	for _, path := range e.BodySizeExemptPaths {
		quoted = append(quoted, regexp.QuoteMeta(path))
	}
	expression := fmt.Sprintf("^(?:%s)(?:/|$)", strings.Join(quoted, "|"))
	if len(expression) > maxPathsExpression {
		r.problem("edge.waf.bodySizeExemptPaths", fmt.Sprintf("together with those of the workload they make an expression of %d characters, and WAF takes %d", len(expression), maxPathsExpression),
			"name common beginnings instead")
	}
	e.WAFCapacityUnits = firewallWCU(e.WAFManagedGroups, len(e.BodySizeExemptPaths) > 0)
	if e.WAFCapacityUnits > maxWCU {
		r.problem("edge.waf.managedGroups", fmt.Sprintf("with Lectern's own rules they take %d WCU of %d", e.WAFCapacityUnits, maxWCU), "remove groups that do not concern the workload")
	}
}

// firewallWCU is what a web ACL takes at most.
func firewallWCU(groups []string, exemptPaths bool) int {
	total := rateLimitWCU
	for _, group := range config.ManagedGroups() {
		if slices.Contains(groups, group.Name) {
			total += group.WCU
		}
	}
	if exemptPaths && slices.Contains(groups, bodySizeGroup) {
		total += bodySizeWCU
	}
	return total
}
