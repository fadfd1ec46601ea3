package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// RevisionProps configures the bucket of released code.
type RevisionProps struct {
	// LogBucketName receives S3 server access logs (LogBucket with BucketLogs).
	LogBucketName *string
	KeyArn        *string
}

// RevisionBucket holds released code, which people and pipelines put there and
// instances only read: an instance that was broken into cannot change what the next one
// runs. Old versions are kept: an instance that starts later is given the revision that
// was released last, which may be one that has been overwritten since.
type RevisionBucket struct {
	constructs.Construct
	bucket awss3.CfnBucket
	keyArn *string
}

// NewRevisionBucket declares the bucket, private, versioned, encrypted, retained, and its
// policy.
func NewRevisionBucket(scope constructs.Construct, id string, p RevisionProps) *RevisionBucket {
	this := constructs.NewConstruct(scope, &id)

	// 1. The bucket.
	bucket := awss3.NewCfnBucket(this, new("Bucket"), &awss3.CfnBucketProps{
		PublicAccessBlockConfiguration: private(),
		OwnershipControls:              ownership("BucketOwnerEnforced"),
		VersioningConfiguration:        &awss3.CfnBucket_VersioningConfigurationProperty{Status: new("Enabled")},
		BucketEncryption:               encryption(p.KeyArn),
		LifecycleConfiguration:         &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: &[]any{abandonedUploads()}},
		LoggingConfiguration: &awss3.CfnBucket_LoggingConfigurationProperty{
			DestinationBucketName: p.LogBucketName,
			LogFilePrefix:         new(string(BucketLogs) + "/"),
		},
	})
	retention.Keep(bucket)

	// 2. TLS or nothing.
	policy := awss3.NewCfnBucketPolicy(this, new("Policy"), &awss3.CfnBucketPolicyProps{
		Bucket:         bucket.Ref(),
		PolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": []any{tlsOnly(bucket.AttrArn())}},
	})
	retention.Keep(policy)
	return &RevisionBucket{Construct: this, bucket: bucket, keyArn: p.KeyArn}
}

// Name of the bucket.
func (b *RevisionBucket) Name() *string { return b.bucket.Ref() }

// Arn of the bucket.
func (b *RevisionBucket) Arn() *string { return b.bucket.AttrArn() }

// Grants lets a role find and read revisions, old versions too.
func (b *RevisionBucket) Grants() []grant.Statement {
	return []grant.Statement{
		{Actions: []string{"s3:ListBucket"}, Resources: []*string{b.Arn()}},
		{Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []*string{new(*b.Arn() + "/*")}},
		grant.KeyVia(b.Construct, b.keyArn, "s3", "kms:Decrypt"),
	}
}
