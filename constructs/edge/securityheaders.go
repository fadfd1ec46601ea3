package edge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// hstsSeconds is a year, what browsers and auditors expect.
const hstsSeconds = 31_536_000

// newSecurityHeaders declares the headers of what the load balancer answers and
// returns the policy's id. A content security policy is the application's to
// write: only the application knows which hosts a course may load from.
//
// A page may be framed by pages of its own host name only, unless it says
// otherwise itself: browsers that read frame-ancestors in its content security
// policy take no notice of X-Frame-Options.
// https://www.w3.org/TR/CSP3/#frame-ancestors-and-frame-options
func newSecurityHeaders(scope constructs.Construct, namePrefix string, originKeyed bool) *string {
	headers := commonHeaders()
	headers.FrameOptions = &awscloudfront.CfnResponseHeadersPolicy_FrameOptionsProperty{FrameOption: new("SAMEORIGIN"), Override: false}
	return newHeadersPolicy(scope, "SecurityHeaders", namePrefix+"-headers", headers, originKeyed)
}

// newContentHeaders declares the headers of content. Nothing is said of frames:
// browsers compare SAMEORIGIN with every frame above, so a course could not run
// in a player that its own page lets another LMS frame. Content shows nothing
// to whoever has no grant, and holds no credentials that a click could use.
func newContentHeaders(scope constructs.Construct, namePrefix string, originKeyed bool) *string {
	return newHeadersPolicy(scope, "ContentHeaders", namePrefix+"-content-headers", commonHeaders(), originKeyed)
}

func commonHeaders() *awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty {
	return &awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty{
		// Not for subdomains: they are not ours to decide for.
		StrictTransportSecurity: &awscloudfront.CfnResponseHeadersPolicy_StrictTransportSecurityProperty{
			AccessControlMaxAgeSec: jsii.Number(hstsSeconds), IncludeSubdomains: false, Preload: false, Override: true,
		},
		ContentTypeOptions: &awscloudfront.CfnResponseHeadersPolicy_ContentTypeOptionsProperty{Override: true},
		// The address of content has a grant in its path, which this keeps from other hosts.
		ReferrerPolicy: &awscloudfront.CfnResponseHeadersPolicy_ReferrerPolicyProperty{
			ReferrerPolicy: new("strict-origin-when-cross-origin"), Override: false,
		},
	}
}

// newHeadersPolicy declares the policy. Origin-Agent-Cluster has browsers keep each host of one site by itself, in memory
// and, where they can, in a process of its own: players of several courses are at hosts of one site. The first page of an
// origin decides for all of its pages, so content and pages of the service say the same.
// https://html.spec.whatwg.org/multipage/browsers.html#origin-keyed-agent-clusters
func newHeadersPolicy(scope constructs.Construct, id, name string, headers *awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty, originKeyed bool) *string {
	config := &awscloudfront.CfnResponseHeadersPolicy_ResponseHeadersPolicyConfigProperty{
		Name:                  &name,
		SecurityHeadersConfig: headers,
		RemoveHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_RemoveHeadersConfigProperty{
			Items: &[]*awscloudfront.CfnResponseHeadersPolicy_RemoveHeaderProperty{
				{Header: new("X-Powered-By")},
			},
		},
	}
	if originKeyed {
		config.CustomHeadersConfig = &awscloudfront.CfnResponseHeadersPolicy_CustomHeadersConfigProperty{
			Items: &[]*awscloudfront.CfnResponseHeadersPolicy_CustomHeaderProperty{
				{Header: new("Origin-Agent-Cluster"), Value: new("?1"), Override: false},
			},
		}
	}
	policy := awscloudfront.NewCfnResponseHeadersPolicy(scope, &id, &awscloudfront.CfnResponseHeadersPolicyProps{ResponseHeadersPolicyConfig: config})
	return policy.AttrId()
}
