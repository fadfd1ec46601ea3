package edge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// maxCacheSeconds bounds what an origin may ask for: a year.
const maxCacheSeconds = 31_536_000

// newOriginCachePolicy keeps answers exactly as long as the origin says and returns the
// policy's id. There is no managed policy for that: CachingOptimized and its like have a
// minimum of a second, for which CloudFront keeps even what says no-store, and leave the
// query string out; UseOriginCacheControlHeaders-QueryStrings has every cookie in the
// key, so that nobody would be served what another asked for. An account has 20 policies
// of its own unless it asks for more, which the plan counts.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
//
// Host is in the key, because one distribution answers for all names of a client and an
// origin may answer otherwise by another name; what is in the key also reaches the
// origin. Cookies are neither in the key nor sent.
func newOriginCachePolicy(scope constructs.Construct, namePrefix string) *string {
	policy := awscloudfront.NewCfnCachePolicy(scope, new("OriginCache"), &awscloudfront.CfnCachePolicyProps{
		CachePolicyConfig: &awscloudfront.CfnCachePolicy_CachePolicyConfigProperty{
			Name:       new(namePrefix + "-origin-cache"),
			MinTtl:     new(0.0),
			DefaultTtl: new(0.0), // without Cache-Control: not at all
			MaxTtl:     new(float64(maxCacheSeconds)),
			ParametersInCacheKeyAndForwardedToOrigin: &awscloudfront.CfnCachePolicy_ParametersInCacheKeyAndForwardedToOriginProperty{
				CookiesConfig:      &awscloudfront.CfnCachePolicy_CookiesConfigProperty{CookieBehavior: new("none")},
				HeadersConfig:      &awscloudfront.CfnCachePolicy_HeadersConfigProperty{HeaderBehavior: new("whitelist"), Headers: jsii.Strings("Host")},
				QueryStringsConfig: &awscloudfront.CfnCachePolicy_QueryStringsConfigProperty{QueryStringBehavior: new("all")},
				// One entry for each encoding that a browser takes.
				EnableAcceptEncodingGzip:   true,
				EnableAcceptEncodingBrotli: true,
			},
		},
	})
	return policy.AttrId()
}

// cachedBehaviour only reads: CloudFront refuses other methods below pattern.
func cachedBehaviour(pattern string, policy, headers *string) *awscloudfront.CfnDistribution_CacheBehaviorProperty {
	return &awscloudfront.CfnDistribution_CacheBehaviorProperty{
		PathPattern:             &pattern,
		TargetOriginId:          new(loadBalancerOrigin),
		ViewerProtocolPolicy:    new("redirect-to-https"),
		AllowedMethods:          jsii.Strings("GET", "HEAD", "OPTIONS"),
		CachedMethods:           jsii.Strings("GET", "HEAD"),
		CachePolicyId:           policy,
		Compress:                true,
		ResponseHeadersPolicyId: headers,
	}
}
