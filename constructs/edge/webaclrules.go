package edge

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

var metricPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// bodySizeRuleName is the name and metric of the rule of that kind.
const bodySizeRuleName = "BodySize"

// RateLimit blocks an address that asks too often. A whole school may share one
// address, so size it by the largest site, not by one learner.
type RateLimit struct {
	Name          string   // rule and metric name: letters, digits, - and _
	Requests      int      // per address in the window, 10–2,000,000,000
	WindowSeconds int      // 60, 120, 300 or 600; default 300
	Paths         []string // as WebAclProps.UploadPaths; empty: every request
}

// rule answers 429 with Retry-After, which a client that queues its commits can
// obey, instead of WAF's bare 403.
func (r RateLimit) rule(priority int) *awswafv2.CfnWebACL_RuleProperty {
	window := cmp.Or(r.WindowSeconds, 300)
	statement := &awswafv2.CfnWebACL_RateBasedStatementProperty{
		AggregateKeyType:    new("IP"),
		Limit:               jsii.Number(r.Requests),
		EvaluationWindowSec: jsii.Number(window),
	}
	if len(r.Paths) > 0 {
		statement.ScopeDownStatement = underPaths(r.Paths)
	}
	return &awswafv2.CfnWebACL_RuleProperty{
		Name:             new(r.Name),
		Priority:         jsii.Number(priority),
		Statement:        &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: statement},
		Action:           block(429, "Retry-After", strconv.Itoa(window)),
		VisibilityConfig: visibility(r.Name),
	}
}

func (r RateLimit) validate() {
	check(metricPattern.MatchString(r.Name), "rate limit name %q; letters, digits, - and _ only", r.Name)
	check(r.Requests >= 10 && r.Requests <= 2_000_000_000, "rate limit %s: %d requests; choose 10 to 2000000000", r.Name, r.Requests)
	check(slices.Contains([]int{0, 60, 120, 300, 600}, r.WindowSeconds), "rate limit %s: window of %d s; choose 60, 120, 300 or 600", r.Name, r.WindowSeconds)
}

// bodySizeRule blocks what the core rule set only counted and labelled as too
// large a body, unless it goes to an exempt path. No other rule knows of the
// exemption, so an upload is still inspected for everything else.
func bodySizeRule(priority int, exempt []string) *awswafv2.CfnWebACL_RuleProperty {
	return &awswafv2.CfnWebACL_RuleProperty{
		Name:     new(bodySizeRuleName),
		Priority: jsii.Number(priority),
		Statement: &awswafv2.CfnWebACL_StatementProperty{
			AndStatement: &awswafv2.CfnWebACL_AndStatementProperty{Statements: &[]*awswafv2.CfnWebACL_StatementProperty{
				{LabelMatchStatement: &awswafv2.CfnWebACL_LabelMatchStatementProperty{
					Scope: new("LABEL"), Key: new(sizeRestrictionsBodyLabel),
				}},
				{NotStatement: &awswafv2.CfnWebACL_NotStatementProperty{Statement: underPaths(exempt)}},
			}},
		},
		Action:           block(413, "", ""),
		VisibilityConfig: visibility(bodySizeRuleName),
	}
}

// underPaths matches requests at or below one of the paths. The path is decoded
// and normalized first, so that /api/v1/imports/%2e%2e/login is /login.
func underPaths(paths []string) *awswafv2.CfnWebACL_StatementProperty {
	return &awswafv2.CfnWebACL_StatementProperty{
		RegexMatchStatement: &awswafv2.CfnWebACL_RegexMatchStatementProperty{
			FieldToMatch: &awswafv2.CfnWebACL_FieldToMatchProperty{UriPath: map[string]any{}},
			RegexString:  new(pathsRegex(paths)),
			TextTransformations: &[]*awswafv2.CfnWebACL_TextTransformationProperty{
				{Priority: jsii.Number(0), Type: new("URL_DECODE")},
				{Priority: jsii.Number(1), Type: new("NORMALIZE_PATH")},
			},
		},
	}
}

// pathsRegex is the expression that matches the paths themselves and all below
// them; a * in a path stands for one segment. WAF takes up to 512 characters and
// no capturing groups.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-regex-pattern-support.html
func pathsRegex(paths []string) string {
	var alternatives []string
	for _, path := range paths {
		check(strings.HasPrefix(path, "/") && len(strings.Trim(path, "/")) > 0, "path %q; give a path below / such as /api/v1/imports", path)
		quoted := regexp.QuoteMeta(strings.TrimRight(path, "/"))
		alternatives = append(alternatives, strings.ReplaceAll(quoted, `\*`, `[^/]+`))
	}
	expression := "^(?:" + strings.Join(alternatives, "|") + ")(?:/|$)"
	check(len(expression) <= 512, "paths %v make an expression of %d characters; WAF takes 512, name fewer or common parents", paths, len(expression))
	return expression
}

// block ends a request with a status and at most one header.
func block(status int, header, value string) *awswafv2.CfnWebACL_RuleActionProperty {
	response := &awswafv2.CfnWebACL_CustomResponseProperty{ResponseCode: jsii.Number(status)}
	if header != "" {
		response.ResponseHeaders = &[]*awswafv2.CfnWebACL_CustomHTTPHeaderProperty{{Name: new(header), Value: new(value)}}
	}
	return &awswafv2.CfnWebACL_RuleActionProperty{
		Block: &awswafv2.CfnWebACL_BlockActionProperty{CustomResponse: response},
	}
}
