package storage

import (
	"slices"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/retention"
)

// LogSource is a service that writes logs into a LogBucket, and the prefix it writes under.
type LogSource string

const (
	// LoadBalancerLogs are Application Load Balancer access and connection logs.
	LoadBalancerLogs LogSource = "alb"
	// NetworkLoadBalancerLogs come through the log delivery service.
	NetworkLoadBalancerLogs LogSource = "nlb"
	// CloudFrontLogs are CloudFront standard logs (legacy). CloudFront writes them by
	// ACL, so a bucket with this source keeps ACLs switched on.
	CloudFrontLogs LogSource = "cloudfront"
	// BucketLogs are S3 server access logs.
	BucketLogs LogSource = "s3"
)

// LogProps configures a log bucket.
type LogProps struct {
	// Sources that may write; nobody else can.
	Sources []LogSource
	// ExpireDays after which a log is deleted.
	ExpireDays int
}

// LogBucket collects access logs. It is encrypted with S3's own keys, since
// load balancers and CloudFront cannot write to a bucket under a customer-managed key:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
type LogBucket struct {
	constructs.Construct
	bucket awss3.CfnBucket
	policy awss3.CfnBucketPolicy
}

// NewLogBucket declares the bucket and its policy, retained.
func NewLogBucket(scope constructs.Construct, id string, p LogProps) *LogBucket {
	this := constructs.NewConstruct(scope, &id)

	// 1. The bucket.
	owner := "BucketOwnerEnforced"
	if slices.Contains(p.Sources, CloudFrontLogs) {
		owner = "BucketOwnerPreferred"
	}
	bucket := awss3.NewCfnBucket(this, new("Bucket"), &awss3.CfnBucketProps{
		PublicAccessBlockConfiguration: private(),
		OwnershipControls:              ownership(owner),
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{
			ServerSideEncryptionConfiguration: &[]any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
				ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{SseAlgorithm: new("AES256")},
			}},
		},
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: &[]any{
			&awss3.CfnBucket_RuleProperty{
				Id:               new("expire"),
				Status:           new("Enabled"),
				ExpirationInDays: new(float64(p.ExpireDays)),
			},
		}},
	})
	retention.Keep(bucket)

	// 2. Who may write what where.
	statements := []any{tlsOnly(bucket.AttrArn())}
	for _, source := range p.Sources {
		statements = append(statements, writers(this, bucket.AttrArn(), source)...)
	}
	policy := awss3.NewCfnBucketPolicy(this, new("Policy"), &awss3.CfnBucketPolicyProps{
		Bucket:         bucket.Ref(),
		PolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": statements},
	})
	// A retained bucket without its policy would take logs without TLS.
	retention.Keep(policy)

	return &LogBucket{Construct: this, bucket: bucket, policy: policy}
}

func tlsOnly(arn *string) map[string]any {
	return map[string]any{
		"Sid":       "TLSOnly",
		"Effect":    "Deny",
		"Principal": "*",
		"Action":    "s3:*",
		"Resource":  []any{arn, *arn + "/*"},
		"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
	}
}

// writers are the bucket policy statements a log source needs. Each is bound to
// this account, so that nobody else's load balancer can write here.
func writers(scope constructs.Construct, arn *string, source LogSource) []any {
	stack := cdk.Stack_Of(scope)
	partition, region, account := *stack.Partition(), *stack.Region(), *stack.Account()
	own := map[string]any{"aws:SourceAccount": account}

	switch source {
	case LoadBalancerLogs:
		return []any{map[string]any{
			"Sid":       "LoadBalancerLogs",
			"Effect":    "Allow",
			"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
			"Action":    "s3:PutObject",
			"Resource":  *arn + "/" + string(source) + "/AWSLogs/" + account + "/*",
			"Condition": map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": "arn:" + partition + ":elasticloadbalancing:" + region + ":" + account + ":loadbalancer/*",
			}},
		}}
	case NetworkLoadBalancerLogs:
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html
		service := map[string]any{"Service": "delivery.logs.amazonaws.com"}
		logs := map[string]any{"aws:SourceArn": "arn:" + partition + ":logs:" + region + ":" + account + ":*"}
		return []any{
			map[string]any{
				"Sid":       "NetworkLoadBalancerLogsAclCheck",
				"Effect":    "Allow",
				"Principal": service,
				"Action":    "s3:GetBucketAcl",
				"Resource":  arn,
				"Condition": map[string]any{"StringEquals": own, "ArnLike": logs},
			},
			map[string]any{
				"Sid":       "NetworkLoadBalancerLogs",
				"Effect":    "Allow",
				"Principal": service,
				"Action":    "s3:PutObject",
				"Resource":  *arn + "/" + string(source) + "/AWSLogs/" + account + "/*",
				"Condition": map[string]any{
					"StringEquals": map[string]any{"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"},
					"ArnLike":      logs,
				},
			},
		}
	case BucketLogs:
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
		return []any{map[string]any{
			"Sid":       "BucketLogs",
			"Effect":    "Allow",
			"Principal": map[string]any{"Service": "logging.s3.amazonaws.com"},
			"Action":    "s3:PutObject",
			"Resource":  *arn + "/" + string(source) + "/*",
			"Condition": map[string]any{"StringEquals": own},
		}}
	case CloudFrontLogs:
		return nil // by ACL: CloudFront adds its own grant when the distribution is created
	default:
		panic("storage: unknown log source " + string(source))
	}
}

// Name of the bucket.
func (b *LogBucket) Name() *string { return b.bucket.Ref() }

// Arn of the bucket.
func (b *LogBucket) Arn() *string { return b.bucket.AttrArn() }

// RegionalDomainName is what CloudFront's logging configuration takes.
func (b *LogBucket) RegionalDomainName() *string { return b.bucket.AttrRegionalDomainName() }

// Policy is what a load balancer in the same stack has to wait for: it writes a
// test object when its logs are switched on.
func (b *LogBucket) Policy() awss3.CfnBucketPolicy { return b.policy }
