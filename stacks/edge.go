package stacks

import (
	"fmt"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/edge"
)

// edgeStack is what CloudFront takes from us-east-1. Each is nil where there is none.
type edgeStack struct {
	webACL, certificate *string
}

func newEdge(stack cdk.Stack, p plan.Plan) edgeStack {
	var e edgeStack
	if !p.Edge.CDN {
		return e
	}
	if p.Domain.EdgeCertificateArn != "" {
		e.certificate = &p.Domain.EdgeCertificateArn
	}
	if stack == nil {
		return e
	}
	if p.Edge.WAF {
		e.webACL = newWebACL(stack, p, edge.CloudFrontScope)
	}
	if e.certificate == nil && p.Domain.Enabled {
		e.certificate = newCertificate(stack, p, true)
	}
	return e
}

func newWebACL(stack cdk.Stack, p plan.Plan, scope edge.Scope) *string {
	var groups []string
	for _, name := range p.Edge.WAFManagedGroups {
		groups = append(groups, "AWSManagedRules"+name)
	}
	props := edge.WebAclProps{
		Scope:         scope,
		MetricName:    "lectern-" + p.Client,
		ManagedGroups: edge.PickManagedGroups(groups...),
		RateLimits:    []edge.RateLimit{{Name: "PerAddress", Requests: p.Edge.WAFRateLimit}},
		UploadPaths:   p.Edge.BodySizeExemptPaths,
		Log: edge.WebAclLog{
			GroupName:     webACLLogGroup(p, scope),
			RetentionDays: p.LogRetentionDays,
		},
	}
	if units := props.Capacity(); units != p.Edge.WAFCapacityUnits {
		panic(fmt.Sprintf("stacks: the plan counts %d WCU for the web ACL, and its rules take %d", p.Edge.WAFCapacityUnits, units))
	}
	return edge.NewWebAcl(stack, "WebAcl", props).Arn()
}

// webACLLogGroup is another one for a regional web ACL: in us-east-1 the two are in one region, and when CloudFront is
// switched on or off both are there for a while. "_" is in no client's name.
func webACLLogGroup(p plan.Plan, scope edge.Scope) string {
	name := "aws-waf-logs-lectern-" + p.Client
	if scope == edge.RegionalScope {
		name += "_regional"
	}
	return name
}
