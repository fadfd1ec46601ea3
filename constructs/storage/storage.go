// Package storage declares the S3 buckets of a client: one for content, one for
// released code, one for the access logs of everything else. Content may also live in another
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

// encryption is by the client's key. A bucket key saves a KMS request per object; a
// course has thousands.
func encryption(keyArn *string) *awss3.CfnBucket_BucketEncryptionProperty {
	return &awss3.CfnBucket_BucketEncryptionProperty{
		ServerSideEncryptionConfiguration: &[]any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
			BucketKeyEnabled: new(true),
			ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
				SseAlgorithm:   new("aws:kms"),
				KmsMasterKeyId: keyArn,
			},
		}},
	}
}

// uploadDays is how long parts of an upload, or an upload that waits for its import, are kept.
const uploadDays = 7

// abandonedUploads removes the parts of uploads that were never completed.
func abandonedUploads() *awss3.CfnBucket_RuleProperty {
	return &awss3.CfnBucket_RuleProperty{
		Id:                             new("abandoned-uploads"),
		Status:                         new("Enabled"),
		AbortIncompleteMultipartUpload: &awss3.CfnBucket_AbortIncompleteMultipartUploadProperty{DaysAfterInitiation: new(float64(uploadDays))},
	}
}
