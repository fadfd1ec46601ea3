package synth_test

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/edge"
)

// newEdgeStack is an empty stack in us-east-1, where CloudFront's web ACLs and
// certificates live.
func newEdgeStack(t *testing.T) cdk.Stack {
	t.Helper()
	return cdk.NewStack(newApp(t), new("edge"), &cdk.StackProps{
		Env: &cdk.Environment{Account: new(testAccount), Region: new("us-east-1")},
	})
}

func webAclProps(scope edge.Scope) edge.WebAclProps {
	return edge.WebAclProps{
		Scope: scope, MetricName: "demo",
		ManagedGroups: edge.DefaultManagedGroups(),
		RateLimits: []edge.RateLimit{
			{Name: "PerAddress", Requests: 20000},
			{Name: "SignIn", Requests: 200, WindowSeconds: 60, Paths: []string{"/login"}},
		},
		UploadPaths: []string{"/api/v1/imports"},
		CommitPaths: []string{"/api/registrations/*/commits"},
		Log:         edge.WebAclLog{GroupName: "aws-waf-logs-demo"},
	}
}

// webAclRules are the rules of the one web ACL in a template, by name.
func webAclRules(t *testing.T, tpl assertions.Template) map[string]map[string]any {
	t.Helper()
	rules := map[string]map[string]any{}
	for _, r := range only(t, tpl, "AWS::WAFv2::WebACL")["Rules"].([]any) {
		rule := r.(map[string]any)
		rules[rule["Name"].(string)] = rule
	}
	return rules
}

// dig follows keys into nested maps.
func dig(value any, keys ...string) any {
	for _, key := range keys {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[key]
	}
	return value
}

// E2: the managed groups, in the order given, all in blocking mode.
func TestEdgeWebAclManagedGroups(t *testing.T) {
	stack := newEdgeStack(t)
	edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.CloudFrontScope))
	tpl := template(stack)
	acl := only(t, tpl, "AWS::WAFv2::WebACL")
	require.Equal(t, "CLOUDFRONT", acl["Scope"])
	require.Equal(t, map[string]any{"Allow": map[string]any{}}, acl["DefaultAction"])
	require.Equal(t, "KB_16", dig(acl, "AssociationConfig", "RequestBody", "CLOUDFRONT", "DefaultSizeInspectionLimit"))
	require.Equal(t, "demo", dig(acl, "VisibilityConfig", "MetricName"))

	priorities := map[float64]bool{}
	var managed []string
	for _, r := range acl["Rules"].([]any) {
		priorities[dig(r, "Priority").(float64)] = true
		require.Equal(t, dig(r, "Name"), dig(r, "VisibilityConfig", "MetricName"))
		if name := dig(r, "Statement", "ManagedRuleGroupStatement", "Name"); name != nil {
			managed = append(managed, name.(string))
			require.Equal(t, map[string]any{"None": map[string]any{}}, dig(r, "OverrideAction"))
			require.Nil(t, dig(r, "Statement", "ManagedRuleGroupStatement", "ScopeDownStatement"), "%s inspects every request", name)
		}
	}
	require.Len(t, priorities, len(acl["Rules"].([]any)), "priorities are unique")
	require.Equal(t, []string{
		"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet",
		"AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesLinuxRuleSet",
	}, managed)
}

// E2: uploads and commits are exempt from the body-size rule and from nothing else.
func TestEdgeWebAclExemptsOnlyBodySize(t *testing.T) {
	stack := newEdgeStack(t)
	edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.CloudFrontScope))
	rules := webAclRules(t, template(stack))

	// One rule of one group is counted; all others keep their action.
	for name, rule := range rules {
		overrides := dig(rule, "Statement", "ManagedRuleGroupStatement", "RuleActionOverrides")
		if name != "AWSManagedRulesCommonRuleSet" {
			require.Nil(t, overrides, name)
			continue
		}
		require.Equal(t, []any{map[string]any{
			"Name": "SizeRestrictions_BODY", "ActionToUse": map[string]any{"Count": map[string]any{}},
		}}, overrides)
	}

	// What it labelled is blocked later, unless the path is exempt.
	size := rules["BodySize"]
	require.Greater(t, size["Priority"], rules["AWSManagedRulesCommonRuleSet"]["Priority"])
	require.Equal(t, 413.0, dig(size, "Action", "Block", "CustomResponse", "ResponseCode"))
	both := dig(size, "Statement", "AndStatement", "Statements").([]any)
	require.Len(t, both, 2)
	require.Equal(t, map[string]any{"LabelMatchStatement": map[string]any{
		"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body",
	}}, both[0])
	not := dig(both[1], "NotStatement", "Statement", "RegexMatchStatement")
	require.Equal(t, map[string]any{"UriPath": map[string]any{}}, dig(not, "FieldToMatch"))
	require.Equal(t, []any{
		map[string]any{"Priority": 0.0, "Type": "URL_DECODE"},
		map[string]any{"Priority": 1.0, "Type": "NORMALIZE_PATH"},
	}, dig(not, "TextTransformations"))

	// As WAF evaluates it: decode, normalize, match.
	expression := regexp.MustCompile(dig(not, "RegexString").(string))
	exempt := func(raw string) bool {
		decoded, err := url.PathUnescape(raw)
		require.NoError(t, err)
		clean := path.Clean(decoded)
		if strings.HasSuffix(decoded, "/") && clean != "/" {
			clean += "/"
		}
		return expression.MatchString(clean)
	}
	for _, p := range []string{"/api/v1/imports", "/api/v1/imports/", "/api/v1/imports/42/package", "/api/registrations/7f3a/commits", "/api/registrations/7f3a/commits/9"} {
		require.True(t, exempt(p), p)
	}
	for _, p := range []string{
		"/", "/login", "/api", "/api/v1/imports-old", "/api/v1/importsx/1", "/x/api/v1/imports", "/API/v1/imports",
		"/api/v1/imports/../login", "/api/v1/imports/%2e%2e/%2e%2e/login",
		"/api/registrations/commits", "/api/registrations/a/b/commits", "/api/registrations/7f3a", "/api/registrations/7f3a/commitsx",
	} {
		require.False(t, exempt(p), p)
	}
}

// Without exempt paths the core rule set blocks large bodies by itself.
func TestEdgeWebAclWithoutExemption(t *testing.T) {
	stack := newEdgeStack(t)
	p := webAclProps(edge.CloudFrontScope)
	p.UploadPaths, p.CommitPaths = nil, nil
	edge.NewWebAcl(stack, "WebAcl", p)
	rules := webAclRules(t, template(stack))
	require.NotContains(t, rules, "BodySize")
	require.Nil(t, dig(rules["AWSManagedRulesCommonRuleSet"], "Statement", "ManagedRuleGroupStatement", "RuleActionOverrides"))
}

// E2: rate limits, with an answer that clients can obey.
func TestEdgeWebAclRateLimits(t *testing.T) {
	stack := newEdgeStack(t)
	edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.CloudFrontScope))
	rules := webAclRules(t, template(stack))
	require.Equal(t, map[string]any{
		"AggregateKeyType": "IP", "Limit": 20000.0, "EvaluationWindowSec": 300.0,
	}, dig(rules["PerAddress"], "Statement", "RateBasedStatement"))
	require.Equal(t, map[string]any{"Block": map[string]any{"CustomResponse": map[string]any{
		"ResponseCode":    429.0,
		"ResponseHeaders": []any{map[string]any{"Name": "Retry-After", "Value": "300"}},
	}}}, rules["PerAddress"]["Action"])
	require.Equal(t, 60.0, dig(rules["SignIn"], "Statement", "RateBasedStatement", "EvaluationWindowSec"))
	require.Equal(t, "^(?:/login)(?:/|$)",
		dig(rules["SignIn"], "Statement", "RateBasedStatement", "ScopeDownStatement", "RegexMatchStatement", "RegexString"))
}

// E2: blocked and counted requests are logged, without secrets.
func TestEdgeWebAclLog(t *testing.T) {
	stack := newEdgeStack(t)
	edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.CloudFrontScope))
	tpl := template(stack)
	tpl.HasResource(new("AWS::Logs::LogGroup"), map[string]any{
		"Properties":     map[string]any{"LogGroupName": "aws-waf-logs-demo", "RetentionInDays": 90},
		"DeletionPolicy": "Delete",
	})
	log := only(t, tpl, "AWS::WAFv2::LoggingConfiguration")
	require.Equal(t, []any{
		map[string]any{"SingleHeader": map[string]any{"Name": "authorization"}},
		map[string]any{"SingleHeader": map[string]any{"Name": "cookie"}},
	}, log["RedactedFields"])
	require.Equal(t, "DROP", dig(log, "LoggingFilter", "DefaultBehavior"))
	// The group's own Arn attribute ends in :*, which WAF refuses.
	arn := log["LogDestinationConfigs"].([]any)[0].(map[string]any)["Fn::Join"].([]any)[1].([]any)
	require.Contains(t, arn[len(arn)-1], "Ref")

	other := newEdgeStack(t)
	p := webAclProps(edge.CloudFrontScope)
	p.Log.GroupName = "demo-waf"
	require.Contains(t, panicText(t, func() { edge.NewWebAcl(other, "WebAcl", p) }), "AWS WAF writes only to groups named aws-waf-logs-")
}

// E5: the same rules, regional, in front of a public load balancer.
func TestEdgeWebAclRegional(t *testing.T) {
	_, stack := newStack(t)
	acl := edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.RegionalScope))
	lb := webLoadBalancer(stack, false)
	edge.NewWebAclAssociation(stack, "WebAclAssociation", acl.Arn(), lb.Arn())
	tpl := template(stack)
	properties := only(t, tpl, "AWS::WAFv2::WebACL")
	require.Equal(t, "REGIONAL", properties["Scope"])
	require.NotContains(t, properties, "AssociationConfig")
	require.Len(t, properties["Rules"], 8)
	association := only(t, tpl, "AWS::WAFv2::WebACLAssociation")
	require.NotNil(t, dig(association, "ResourceArn", "Ref"))
	require.NotNil(t, dig(association, "WebACLArn", "Fn::GetAtt"))
}

// E2: the capacity stays in the base price.
func TestEdgeWebAclCapacity(t *testing.T) {
	require.Equal(t, 1325, edge.Capacity(edge.DefaultManagedGroups()))
	require.Equal(t, 25+700, edge.Capacity(edge.PickManagedGroups("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesCommonRuleSet")))

	p := webAclProps(edge.CloudFrontScope)
	// two rate limits, one with paths; the label and path of the body-size rule
	require.Equal(t, 1325+2+2+23+1+23, p.Capacity())
	require.LessOrEqual(t, p.Capacity(), edge.MaxCapacityWCU)
	p.ShieldResponse = true
	require.Equal(t, 1376+150, p.Capacity())
	require.Contains(t, panicText(t, func() { edge.NewWebAcl(newEdgeStack(t), "WebAcl", p) }), "1526 WCU; 1500 are in the base price")
}

func TestEdgeWebAclRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		mutate func(*edge.WebAclProps)
		want   string
	}{
		"regional scope with a body limit": {func(p *edge.WebAclProps) { p.Scope, p.BodyInspectionKB = edge.RegionalScope, 32 }, "fixed at 8 KB"},
		"body limit":                       {func(p *edge.WebAclProps) { p.BodyInspectionKB = 20 }, "choose 16, 32, 48 or 64"},
		"scope":                            {func(p *edge.WebAclProps) { p.Scope = "GLOBAL" }, `scope "GLOBAL"`},
		"metric name":                      {func(p *edge.WebAclProps) { p.MetricName = "a b" }, `metric name "a b"`},
		"rate":                             {func(p *edge.WebAclProps) { p.RateLimits[0].Requests = 5 }, "PerAddress: 5 requests"},
		"window":                           {func(p *edge.WebAclProps) { p.RateLimits[0].WindowSeconds = 90 }, "window of 90 s"},
		"two rules of one name":            {func(p *edge.WebAclProps) { p.RateLimits[1].Name = "PerAddress" }, "the rule name PerAddress is taken"},
		"root as upload path":              {func(p *edge.WebAclProps) { p.UploadPaths = []string{"/"} }, `path "/"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := webAclProps(edge.CloudFrontScope)
			c.mutate(&p)
			require.Contains(t, panicText(t, func() { edge.NewWebAcl(newEdgeStack(t), "WebAcl", p) }), c.want)
		})
	}
	require.Contains(t, panicText(t, func() {
		_, stack := newStack(t)
		edge.NewWebAcl(stack, "WebAcl", webAclProps(edge.CloudFrontScope))
	}), "scope CLOUDFRONT in eu-west-1")
	require.Contains(t, panicText(t, func() { edge.PickManagedGroups("AWSManagedRulesNone") }), "is not known")
}
