package web

import (
	"cmp"
	"strconv"
	"strings"

	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Rule routes requests that match all of its conditions; a condition matches
// when any of its values does. At least one condition and at most five values
// in all (an Elastic Load Balancing limit); * and ? are wildcards.
type Rule struct {
	Name     string // for people
	Priority int    // 1–50,000, lowest first, unique on the listener
	Hosts    []string
	Paths    []string
	Methods  []string // GET, POST, …
	Action   Action
}

// Action is what a rule does: exactly one field is set.
type Action struct {
	Forward  *TargetGroup
	Fixed    *FixedResponse
	Redirect *Redirect
}

// FixedResponse answers at the load balancer.
type FixedResponse struct {
	Status      string // 2XX, 4XX or 5XX, e.g. "503"
	ContentType string // default text/plain
	Body        string // up to 1,024 bytes
}

// Redirect sends the browser elsewhere. Empty fields keep the request's value.
type Redirect struct {
	Host      string
	Path      string // starts with /; #{path} stands for the request's
	Permanent bool   // 301 rather than 302
}

// newRules declares rules by their priority. So a rule that comes, goes or is renamed changes what others do in place: two
// rules cannot have one priority, not even while the second replaces the first.
func newRules(scope constructs.Construct, listenerArn *string, rules []Rule) {
	taken := map[int]string{}
	for _, r := range rules {
		r.validate()
		check(taken[r.Priority] == "", "rules %s and %s share priority %d", taken[r.Priority], r.Name, r.Priority)
		taken[r.Priority] = r.Name
		rule := elb.NewCfnListenerRule(scope, new("Rule-"+strconv.Itoa(r.Priority)), &elb.CfnListenerRuleProps{
			ListenerArn: listenerArn,
			Priority:    jsii.Number(r.Priority),
			Conditions:  r.conditions(),
			Actions:     &[]*elb.CfnListenerRule_ActionProperty{r.Action.property()},
		})
		untag(rule)
	}
}

func (r Rule) conditions() *[]*elb.CfnListenerRule_RuleConditionProperty {
	var out []*elb.CfnListenerRule_RuleConditionProperty
	if len(r.Hosts) > 0 {
		out = append(out, &elb.CfnListenerRule_RuleConditionProperty{
			Field:            new("host-header"),
			HostHeaderConfig: &elb.CfnListenerRule_HostHeaderConfigProperty{Values: jsii.Strings(r.Hosts...)},
		})
	}
	if len(r.Paths) > 0 {
		out = append(out, &elb.CfnListenerRule_RuleConditionProperty{
			Field:             new("path-pattern"),
			PathPatternConfig: &elb.CfnListenerRule_PathPatternConfigProperty{Values: jsii.Strings(r.Paths...)},
		})
	}
	if len(r.Methods) > 0 {
		out = append(out, &elb.CfnListenerRule_RuleConditionProperty{
			Field:                   new("http-request-method"),
			HttpRequestMethodConfig: &elb.CfnListenerRule_HttpRequestMethodConfigProperty{Values: jsii.Strings(r.Methods...)},
		})
	}
	return &out
}

func (a Action) property() *elb.CfnListenerRule_ActionProperty {
	switch {
	case a.Forward != nil:
		return &elb.CfnListenerRule_ActionProperty{Type: new("forward"), TargetGroupArn: a.Forward.Arn()}
	case a.Fixed != nil:
		fixed := &elb.CfnListenerRule_FixedResponseConfigProperty{
			StatusCode:  new(a.Fixed.Status),
			ContentType: new(cmp.Or(a.Fixed.ContentType, "text/plain")),
		}
		if a.Fixed.Body != "" {
			fixed.MessageBody = new(a.Fixed.Body)
		}
		return &elb.CfnListenerRule_ActionProperty{Type: new("fixed-response"), FixedResponseConfig: fixed}
	default:
		status := "HTTP_302"
		if a.Redirect.Permanent {
			status = "HTTP_301"
		}
		return &elb.CfnListenerRule_ActionProperty{
			Type: new("redirect"),
			RedirectConfig: &elb.CfnListenerRule_RedirectConfigProperty{
				StatusCode: new(status),
				Host:       new(cmp.Or(a.Redirect.Host, "#{host}")),
				Path:       new(cmp.Or(a.Redirect.Path, "/#{path}")),
			},
		}
	}
}

func (r Rule) validate() {
	check(r.Name != "", "rule with priority %d has no name", r.Priority)
	check(r.Priority >= 1 && r.Priority <= 50000, "rule %s: priority %d; choose 1 to 50000", r.Name, r.Priority)
	values := len(r.Hosts) + len(r.Paths) + len(r.Methods)
	check(values >= 1 && values <= 5, "rule %s: %d condition values; 1 to 5 are allowed, split the rule", r.Name, values)
	for _, method := range r.Methods {
		check(method == strings.ToUpper(method), "rule %s: method %q; methods are upper case", r.Name, method)
	}
	set := 0
	for _, present := range []bool{r.Action.Forward != nil, r.Action.Fixed != nil, r.Action.Redirect != nil} {
		if present {
			set++
		}
	}
	check(set == 1, "rule %s: %d actions; give exactly one of forward, fixed response, redirect", r.Name, set)
	if f := r.Action.Fixed; f != nil {
		check(len(f.Body) <= 1024, "rule %s: a body of %d bytes; at most 1024", r.Name, len(f.Body))
	}
}
