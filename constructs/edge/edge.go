// Package edge is what stands between a learner's browser and the load
// balancer: the CloudFront distribution, its web ACL, certificates, DNS names
// and Shield protections.
//
// # How the pieces lock
//
// With CloudFront, the load balancer is internal and the only way to it is the
// distribution's VPC origin, so nobody goes around the web ACL:
//
//	browser ─TLS─► CloudFront (web ACL, scope CLOUDFRONT)
//	                 ├─ /content/*  ─► ContentFunction, which wants a grant ─► cache
//	                 │                 ─► S3, signed by the origin access control;
//	                 │                 ContentBucketPolicy lets this distribution in, no one else
//	                 ├─ cached paths of the workload ─► cache ─► as below, without cookies
//	                 └─ everything  ─► VPC origin ─► internal load balancer ─► instances
//
// Players, and the content that they play, answer at other hosts than console and API,
// and each course of each tenant at one of its own: what a course does at its origin, it
// does to nobody else. With a domain these hosts are a wildcard among the names of the
// distribution. Without, they are the name of a second distribution, which has /content/*
// instead of the first; everything else is the same at both, the firewall too. The
// service knows from Host, which CloudFront passes on, where it is asked.
//
// The load balancer has no public address; its security group admits only
// CloudFront's origin-facing prefix list (com.amazonaws.global.cloudfront.origin-facing),
// from which the VPC origin's interfaces are reached. The VPC needs an internet
// gateway attached, as AWS asks of a VPC with an origin; no route has to lead
// to it. A distribution of another account cannot name this VPC origin, which
// is what the prefix list alone would leave open.
//
// Without CloudFront, the load balancer faces the internet with its own
// certificate, and a web ACL of scope REGIONAL is tied to it by
// WebAclAssociation. The rules are the same in both scopes.
//
// # Where they live
//
// A web ACL of scope CLOUDFRONT and CloudFront's certificate exist only in
// us-east-1; the distribution, its VPC origin and policies may be declared in
// any region and sit with the load balancer. The content bucket's policy sits
// with the distribution whose ARN it names, so that the bucket's stack depends
// on nothing.
//
// A content bucket encrypted with a customer-managed key also needs that key's
// policy to let the service principal cloudfront.amazonaws.com decrypt. To keep
// the two stacks free of a cycle, condition it on
// arn:PARTITION:cloudfront::ACCOUNT:distribution/* of the same account.
package edge

import "fmt"

// check panics with a message when a prop has an impossible value: client files
// are validated long before, so this is a programming error.
func check(ok bool, format string, args ...any) {
	if !ok {
		panic("edge: " + fmt.Sprintf(format, args...))
	}
}
