// Package web is load balancing: the Application Load Balancer of a web
// workload, the Network Load Balancer for anything else that speaks TCP, their
// target groups, listeners and rules.
//
// An Application Load Balancer comes in two shapes, chosen by
// ApplicationLoadBalancerProps.Internal:
//
//   - internal: in private subnets, reached only through the CloudFront VPC
//     origin of package edge. It listens on 443 when it has a certificate, on
//     80 when the environment has no domain (the hop then stays on AWS's
//     network, between CloudFront's interfaces and the balancer).
//   - internet-facing: without CloudFront, behind a regional web ACL. It always
//     has a certificate; port 80 only redirects.
//
// The pieces compose in this order: load balancer and target group, then the
// listener that joins them, then whatever registers targets. A scaling policy
// on requests per target needs the group to be attached, so it depends on the
// listener.
package web

import (
	"fmt"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
)

// check panics with a message when a prop has an impossible value: client files
// are validated long before, so this is a programming error.
func check(ok bool, format string, args ...any) {
	if !ok {
		panic("web: " + fmt.Sprintf(format, args...))
	}
}

// untag keeps tags off a listener or rule, whatever is tagged above it:
// CloudFormation's published schema of them has none, and checkers refuse it.
func untag(r cdk.CfnResource) { r.AddPropertyDeletionOverride(new("Tags")) }
