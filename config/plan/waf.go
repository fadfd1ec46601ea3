package plan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/lectern/lectern/config"
)

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
	e.WAFCapacityUnits = config.FirewallWCU(e.WAFManagedGroups, len(e.BodySizeExemptPaths))
	if e.WAFCapacityUnits > config.MaxFirewallWCU {
		r.problem("edge.waf.managedGroups", fmt.Sprintf("with Lectern's own rules they take %d WCU of %d", e.WAFCapacityUnits, config.MaxFirewallWCU), "remove groups that do not concern the workload")
	}
}
