package plan

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/lectern/lectern/config"
)

// maxWCU is what the base price of a web ACL covers.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html
const maxWCU = 1_500

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
	// Without the 150 of Shield's automatic response, which is not switched on.
	e.WAFCapacityUnits = config.FirewallWCU(e.WAFManagedGroups, len(e.BodySizeExemptPaths), false)
	if e.WAFCapacityUnits > maxWCU {
		r.problem("edge.waf.managedGroups", fmt.Sprintf("with Lectern's own rules they take %d WCU of %d", e.WAFCapacityUnits, maxWCU), "remove groups that do not concern the workload")
	}
}
