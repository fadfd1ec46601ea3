package edge

import (
	"cmp"
	"slices"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Scope says what a web ACL protects.
type Scope string

const (
	CloudFrontScope Scope = "CLOUDFRONT" // a distribution; only in us-east-1
	RegionalScope   Scope = "REGIONAL"   // a load balancer in the same region
)

// WebAclProps describes a web ACL.
type WebAclProps struct {
	Scope Scope
	// MetricName names the ACL in CloudWatch: letters, digits, - and _, unique
	// per client. Rules use their own names.
	MetricName string
	// ManagedGroups in the order they are evaluated; see DefaultManagedGroups.
	ManagedGroups []ManagedGroup
	RateLimits    []RateLimit
	// UploadPaths and CommitPaths may carry bodies of any size, and stay under
	// every other rule. A path covers itself and all below it: /api/v1/imports
	// covers /api/v1/imports/7, not /api/v1/imports-old. A * stands for one segment.
	UploadPaths []string
	CommitPaths []string
	// BodyInspectionKB is how much of a body the rules see: 16 (default), 32, 48
	// or 64, the larger for a fee. CLOUDFRONT only: 8 and fixed for a load balancer.
	BodyInspectionKB int
	// ShieldResponse reserves the capacity that Shield Advanced takes in the
	// ACL when it responds to attacks by itself.
	ShieldResponse bool
	Log            WebAclLog
}

// WebAcl inspects every request before it reaches the origin. What no rule
// blocks is allowed.
type WebAcl struct {
	constructs.Construct
	resource awswafv2.CfnWebACL
}

// NewWebAcl declares the web ACL and its log.
func NewWebAcl(scope constructs.Construct, id string, p WebAclProps) *WebAcl {
	p.validate(id)
	w := &WebAcl{Construct: constructs.NewConstruct(scope, &id)}
	region := *cdk.Stack_Of(w.Construct).Region()
	check(p.Scope == RegionalScope || region == "us-east-1", "web ACL %s: scope %s in %s; AWS has it in us-east-1 only", id, p.Scope, region)

	// 1. Rules, in order: rate limits are the cheapest; the body-size rule reads
	// a label that the core rule set leaves. Gaps in the priorities are free.
	var rules []*awswafv2.CfnWebACL_RuleProperty
	for i, limit := range p.RateLimits {
		rules = append(rules, limit.rule(10*(i+1)))
	}
	exempt := p.exemptPaths()
	for i, group := range p.ManagedGroups {
		rules = append(rules, group.rule(1000+10*i, exempt))
	}
	if p.reblocks() {
		rules = append(rules, bodySizeRule(2000, exempt))
	}

	// 2. The ACL.
	props := &awswafv2.CfnWebACLProps{
		Scope:            new(string(p.Scope)),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visibility(p.MetricName),
		Rules:            &rules,
	}
	if p.Scope == CloudFrontScope {
		props.AssociationConfig = &awswafv2.CfnWebACL_AssociationConfigProperty{
			RequestBody: map[string]any{"CLOUDFRONT": &awswafv2.CfnWebACL_RequestBodyAssociatedResourceTypeConfigProperty{
				DefaultSizeInspectionLimit: new(inspectionLimit(cmp.Or(p.BodyInspectionKB, 16))),
			}},
		}
	}
	w.resource = awswafv2.NewCfnWebACL(w.Construct, new("WebAcl"), props)

	// 3. Its log.
	p.Log.declare(w.Construct, w.Arn())
	return w
}

// visibility turns metrics and samples on under a stable name.
func visibility(name string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true, MetricName: new(name),
	}
}

func (p WebAclProps) exemptPaths() []string { return slices.Concat(p.UploadPaths, p.CommitPaths) }

// reblocks says whether the ACL needs its own body-size rule.
func (p WebAclProps) reblocks() bool {
	return len(p.exemptPaths()) > 0 && slices.ContainsFunc(p.ManagedGroups, ManagedGroup.hasBodySizeRule)
}

// Arn is the ACL's ARN: a distribution's WebAclArn, or a WebAclAssociation's.
func (w *WebAcl) Arn() *string { return w.resource.AttrArn() }

// NewWebAclAssociation puts a regional web ACL in front of a load balancer. A
// distribution names its ACL itself.
func NewWebAclAssociation(scope constructs.Construct, id string, webAclArn, loadBalancerArn *string) {
	awswafv2.NewCfnWebACLAssociation(scope, &id, &awswafv2.CfnWebACLAssociationProps{
		WebAclArn: webAclArn, ResourceArn: loadBalancerArn,
	})
}

func (p WebAclProps) validate(id string) {
	check(p.Scope == CloudFrontScope || p.Scope == RegionalScope,
		"web ACL %s: scope %q; choose %s or %s", id, p.Scope, CloudFrontScope, RegionalScope)
	check(metricPattern.MatchString(p.MetricName), "web ACL %s: metric name %q; letters, digits, - and _ only", id, p.MetricName)
	check(p.Scope == CloudFrontScope || p.BodyInspectionKB == 0, "web ACL %s: body inspection is fixed at 8 KB for a load balancer", id)
	check(slices.Contains([]int{0, 16, 32, 48, 64}, p.BodyInspectionKB), "web ACL %s: body inspection of %d KB; choose 16, 32, 48 or 64", id, p.BodyInspectionKB)
	check(p.Capacity() <= MaxCapacityWCU, "web ACL %s: %d WCU; %d are in the base price, drop a managed group or a rate limit", id, p.Capacity(), MaxCapacityWCU)
	names := map[string]bool{bodySizeRuleName: true}
	for _, group := range p.ManagedGroups {
		check(!names[group.Name], "web ACL %s: %s appears twice", id, group.Name)
		names[group.Name] = true
	}
	for _, limit := range p.RateLimits {
		limit.validate()
		check(!names[limit.Name], "web ACL %s: the rule name %s is taken", id, limit.Name)
		names[limit.Name] = true
	}
}
