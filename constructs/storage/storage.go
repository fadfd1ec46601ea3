// Package storage declares the S3 buckets of a client: one for content, one for
// the access logs of everything else. Content may also live in another
// S3-compatible store; then there is no bucket here, only its keys
// (secrets.Operated).
package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
)

// private keeps a bucket out of the public's reach whatever its policy or the
// ACLs of its objects say.
func private() *awss3.CfnBucket_PublicAccessBlockConfigurationProperty {
	return &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{
		BlockPublicAcls:       new(true),
		BlockPublicPolicy:     new(true),
		IgnorePublicAcls:      new(true),
		RestrictPublicBuckets: new(true),
	}
}

// ownership is BucketOwnerEnforced (no ACLs at all) wherever nobody needs ACLs.
func ownership(rule string) *awss3.CfnBucket_OwnershipControlsProperty {
	return &awss3.CfnBucket_OwnershipControlsProperty{
		Rules: &[]any{&awss3.CfnBucket_OwnershipControlsRuleProperty{ObjectOwnership: &rule}},
	}
}
