package edge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// hstsSeconds is a year, what browsers and auditors expect.
const hstsSeconds = 31_536_000

// newSecurityHeaders declares the headers of every response and returns the
// policy's id. A content security policy is the application's to write: only
// the application knows which hosts a course may load from.
func newSecurityHeaders(scope constructs.Construct, namePrefix string) *string {
	policy := awscloudfront.NewCfnResponseHeadersPolicy(scope, new("SecurityHeaders"), &awscloudfront.CfnResponseHeadersPolicyProps{
		ResponseHeadersPolicyConfig: &awscloudfront.CfnResponseHeadersPolicy_ResponseHeadersPolicyConfigProperty{
			Name: new(namePrefix + "-headers"),
			SecurityHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty{
				// Not for subdomains: they are not ours to decide for.
				StrictTransportSecurity: &awscloudfront.CfnResponseHeadersPolicy_StrictTransportSecurityProperty{
					AccessControlMaxAgeSec: jsii.Number(hstsSeconds), IncludeSubdomains: false, Preload: false, Override: true,
				},
				ContentTypeOptions: &awscloudfront.CfnResponseHeadersPolicy_ContentTypeOptionsProperty{Override: true},
				// Courses run in frames of the player, which has the same host
				// name. The application may be stricter, or name a frame-ancestors.
				FrameOptions: &awscloudfront.CfnResponseHeadersPolicy_FrameOptionsProperty{
					FrameOption: new("SAMEORIGIN"), Override: false,
				},
				ReferrerPolicy: &awscloudfront.CfnResponseHeadersPolicy_ReferrerPolicyProperty{
					ReferrerPolicy: new("strict-origin-when-cross-origin"), Override: false,
				},
			},
			RemoveHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_RemoveHeadersConfigProperty{
				Items: &[]*awscloudfront.CfnResponseHeadersPolicy_RemoveHeaderProperty{
					{Header: new("X-Powered-By")},
				},
			},
		},
	})
	return policy.AttrId()
}
