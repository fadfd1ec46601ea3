package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// ContentProps configures the content bucket.
type ContentProps struct {
	// NoncurrentDays keep overwritten and deleted versions, the window in which a
	// mistake can be undone.
	NoncurrentDays int
	// UploadOrigins are the web origins ("https://learn.example.org") whose pages
	// may upload with presigned URLs; "*" is any. Empty: no cross-origin access.
	UploadOrigins []string
	// LogBucketName receives S3 server access logs (LogBucket with BucketLogs). Nil: none.
	LogBucketName *string
	KeyArn        *string
}

// ContentBucket holds course packages and uploads. It has no bucket policy of its
// own: S3 allows one per bucket, and it has to name the CloudFront distribution,
// so it is declared beside the distribution (and has to refuse requests without TLS there).
type ContentBucket struct {
	constructs.Construct
	bucket awss3.CfnBucket
	keyArn *string
}

// Uploads wait below uploads/ until they are imported, or given up.
const uploadsPrefix = "uploads/"

// NewContentBucket declares the bucket: private, versioned, encrypted, retained.
func NewContentBucket(scope constructs.Construct, id string, p ContentProps) *ContentBucket {
	this := constructs.NewConstruct(scope, &id)

	props := &awss3.CfnBucketProps{
		PublicAccessBlockConfiguration: private(),
		OwnershipControls:              ownership("BucketOwnerEnforced"),
		VersioningConfiguration:        &awss3.CfnBucket_VersioningConfigurationProperty{Status: new("Enabled")},
		BucketEncryption:               encryption(p.KeyArn),
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: &[]any{
			abandonedUploads(),
			// Nobody wants an imported package back: whoever uploaded it has it.
			&awss3.CfnBucket_RuleProperty{
				Id:                          new("uploads"),
				Status:                      new("Enabled"),
				Prefix:                      new(uploadsPrefix),
				ExpirationInDays:            new(float64(uploadDays)),
				NoncurrentVersionExpiration: &awss3.CfnBucket_NoncurrentVersionExpirationProperty{NoncurrentDays: new(1.0)},
			},
			&awss3.CfnBucket_RuleProperty{
				Id:     new("old-versions"),
				Status: new("Enabled"),
				NoncurrentVersionExpiration: &awss3.CfnBucket_NoncurrentVersionExpirationProperty{
					NoncurrentDays: new(float64(p.NoncurrentDays)),
				},
				ExpiredObjectDeleteMarker: new(true),
			},
		}},
	}
	if len(p.UploadOrigins) > 0 {
		props.CorsConfiguration = &awss3.CfnBucket_CorsConfigurationProperty{CorsRules: &[]any{
			&awss3.CfnBucket_CorsRuleProperty{
				Id:             new("uploads"),
				AllowedOrigins: jsii.Strings(p.UploadOrigins...),
				AllowedMethods: jsii.Strings("PUT"),
				AllowedHeaders: jsii.Strings("*"),
				ExposedHeaders: jsii.Strings("ETag"),
				MaxAge:         new(3600.0),
			},
		}}
	}
	if p.LogBucketName != nil {
		props.LoggingConfiguration = &awss3.CfnBucket_LoggingConfigurationProperty{
			DestinationBucketName: p.LogBucketName,
			LogFilePrefix:         new(string(BucketLogs) + "/"),
		}
	}

	bucket := awss3.NewCfnBucket(this, new("Bucket"), props)
	retention.Keep(bucket)
	return &ContentBucket{Construct: this, bucket: bucket, keyArn: p.KeyArn}
}

// Name of the bucket.
func (b *ContentBucket) Name() *string { return b.bucket.Ref() }

// Arn of the bucket.
func (b *ContentBucket) Arn() *string { return b.bucket.AttrArn() }

// RegionalDomainName is the origin CloudFront reads from.
func (b *ContentBucket) RegionalDomainName() *string { return b.bucket.AttrRegionalDomainName() }

// ServeGrants lets a role serve content and take uploads: list the bucket, read and write objects, and presign such
// requests for others. None of the grants reaches old versions: undoing is the operator's.
func (b *ContentBucket) ServeGrants() []grant.Statement {
	return b.grants("s3:GetObject", "s3:PutObject")
}

// Grants lets a role import as well: write objects in parts, and delete them.
func (b *ContentBucket) Grants() []grant.Statement {
	return b.grants("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
}

func (b *ContentBucket) grants(onObjects ...string) []grant.Statement {
	return []grant.Statement{
		{Actions: []string{"s3:ListBucket"}, Resources: []*string{b.Arn()}},
		{Actions: onObjects, Resources: []*string{new(*b.Arn() + "/*")}},
		grant.KeyVia(b.Construct, b.keyArn, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
	}
}
