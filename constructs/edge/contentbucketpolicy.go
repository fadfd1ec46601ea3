package edge

import (
	"cmp"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
)

// ContentBucketPolicyProps names the bucket and who may read it.
type ContentBucketPolicyProps struct {
	BucketName *string
	BucketArn  *string
	// DistributionArn may read what lies below ContentPath. Nil without CloudFront: then only roles read.
	DistributionArn *string
	// ContentPath is the distribution's path pattern for the bucket, default /content/*. Uploads, which lie beside, are
	// no business of the edge.
	ContentPath string
}

// ContentBucketPolicy is the content bucket's policy, the only one a bucket can
// have: TLS or nothing, and reading content for at most one distribution. Instances get their
// access from their role.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
type ContentBucketPolicy struct{ constructs.Construct }

// NewContentBucketPolicy declares the policy.
func NewContentBucketPolicy(scope constructs.Construct, id string, p ContentBucketPolicyProps) *ContentBucketPolicy {
	c := &ContentBucketPolicy{Construct: constructs.NewConstruct(scope, &id)}
	objects := cdk.Fn_Join(new(""), &[]*string{p.BucketArn, new("/*")})
	statements := []any{map[string]any{
		"Sid":       "TLSOnly",
		"Effect":    "Deny",
		"Principal": map[string]any{"AWS": "*"},
		"Action":    "s3:*",
		"Resource":  []any{p.BucketArn, objects},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}}
	if p.DistributionArn != nil {
		statements = append(statements, map[string]any{
			"Sid":       "DistributionReads",
			"Effect":    "Allow",
			"Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
			"Action":    "s3:GetObject",
			"Resource":  cdk.Fn_Join(new(""), &[]*string{p.BucketArn, new(cmp.Or(p.ContentPath, contentRoot))}),
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceArn": p.DistributionArn}},
		})
	}
	awss3.NewCfnBucketPolicy(c.Construct, new("Policy"), &awss3.CfnBucketPolicyProps{
		Bucket:         p.BucketName,
		PolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": statements},
	})
	return c
}
