package synth_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/storage"
)

func allBlocked() map[string]any {
	return map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}
}

func TestStorageContentBucket(t *testing.T) {
	_, stack := newStack(t)
	logs := storage.NewLogBucket(stack, "Logs", storage.LogProps{Sources: []storage.LogSource{storage.BucketLogs}, ExpireDays: 90})
	content := storage.NewContentBucket(stack, "Content", storage.ContentProps{
		NoncurrentDays: 30,
		UploadOrigins:  []string{"https://learn.example.org"},
		LogBucketName:  logs.Name(),
		KeyArn:         dataKey(stack),
	})
	grant.Attach(dataRole(stack), content.Grants()...)
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::S3::Bucket")
	tpl.HasResourceProperties(new("AWS::S3::Bucket"), map[string]any{
		"BucketName":                     assertions.Match_Absent(),
		"PublicAccessBlockConfiguration": allBlocked(),
		"OwnershipControls":              map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"VersioningConfiguration":        map[string]any{"Status": "Enabled"},
		"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{
			"BucketKeyEnabled": true,
			"ServerSideEncryptionByDefault": map[string]any{
				"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": assertions.Match_AnyValue(),
			},
		}}},
		"CorsConfiguration": map[string]any{"CorsRules": []any{map[string]any{
			"AllowedOrigins": []any{"https://learn.example.org"},
			"AllowedMethods": []any{"PUT"},
		}}},
		"LoggingConfiguration": map[string]any{"LogFilePrefix": "s3/", "DestinationBucketName": assertions.Match_AnyValue()},
		"LifecycleConfiguration": map[string]any{"Rules": assertions.Match_ArrayWith(&[]any{
			map[string]any{"Status": "Enabled", "Id": "abandoned-uploads", "AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 7}},
			map[string]any{
				"Status": "Enabled", "Id": "uploads", "Prefix": "uploads/", "ExpirationInDays": 7,
				"NoncurrentVersionExpiration": map[string]any{"NoncurrentDays": 1},
			},
		})},
	})
	// Its policy names the distribution and is declared beside it.
	tpl.ResourceCountIs(new("AWS::S3::BucketPolicy"), new(1.0))
	require.False(t, strings.Contains(dataTemplateText(t, tpl), "s3:GetObjectVersion"), "s3:GetObjectVersion in the template")
}

func TestStorageContentBucketWithoutUploads(t *testing.T) {
	_, stack := newStack(t)
	storage.NewContentBucket(stack, "Content", storage.ContentProps{NoncurrentDays: 30, KeyArn: dataKey(stack)})
	tpl := template(stack)
	tpl.HasResourceProperties(new("AWS::S3::Bucket"), map[string]any{
		"CorsConfiguration":    assertions.Match_Absent(),
		"LoggingConfiguration": assertions.Match_Absent(),
	})
}

func TestStorageLogBucket(t *testing.T) {
	_, stack := newStack(t)
	storage.NewLogBucket(stack, "Logs", storage.LogProps{
		Sources:    []storage.LogSource{storage.LoadBalancerLogs, storage.NetworkLoadBalancerLogs, storage.CloudFrontLogs, storage.BucketLogs},
		ExpireDays: 90,
	})
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::S3::Bucket")
	requireRetained(t, tpl, "AWS::S3::BucketPolicy")
	tpl.HasResourceProperties(new("AWS::S3::Bucket"), map[string]any{
		"PublicAccessBlockConfiguration": allBlocked(),
		"OwnershipControls":              map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerPreferred"}}},
		"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{
			"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"},
		}}},
		"LifecycleConfiguration": map[string]any{"Rules": []any{map[string]any{"ExpirationInDays": 90}}},
	})
	tpl.HasResourceProperties(new("AWS::S3::BucketPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{"Effect": "Deny", "Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}},
			map[string]any{"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject"},
			map[string]any{"Principal": map[string]any{"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:GetBucketAcl"},
			map[string]any{"Principal": map[string]any{"Service": "delivery.logs.amazonaws.com"}, "Action": "s3:PutObject"},
			map[string]any{"Principal": map[string]any{"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"},
		}},
	})
}

func TestStorageLogBucketHasNoACLsUnlessCloudFrontNeedsThem(t *testing.T) {
	_, stack := newStack(t)
	storage.NewLogBucket(stack, "Logs", storage.LogProps{Sources: []storage.LogSource{storage.LoadBalancerLogs}, ExpireDays: 90})
	template(stack).HasResourceProperties(new("AWS::S3::Bucket"), map[string]any{
		"OwnershipControls": map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
	})
	require.Panics(t, func() {
		storage.NewLogBucket(stack, "Bad", storage.LogProps{Sources: []storage.LogSource{"ftp"}, ExpireDays: 1})
	})
}

// Released code is read by instances and written by nobody of them, old versions included:
// an instance that starts later may need one.
func TestStorageRevisionBucket(t *testing.T) {
	_, stack := newStack(t)
	logs := storage.NewLogBucket(stack, "Logs", storage.LogProps{Sources: []storage.LogSource{storage.BucketLogs}, ExpireDays: 90})
	revisions := storage.NewRevisionBucket(stack, "Revisions", storage.RevisionProps{LogBucketName: logs.Name(), KeyArn: dataKey(stack)})
	grant.Attach(dataRole(stack), revisions.Grants()...)
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::S3::Bucket")
	requireRetained(t, tpl, "AWS::S3::BucketPolicy")
	tpl.HasResourceProperties(new("AWS::S3::Bucket"), map[string]any{
		"PublicAccessBlockConfiguration": allBlocked(),
		"VersioningConfiguration":        map[string]any{"Status": "Enabled"},
		"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{
			"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": assertions.Match_AnyValue()},
		}}},
		"LifecycleConfiguration": map[string]any{"Rules": []any{map[string]any{"Id": "abandoned-uploads", "AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 7}}}},
		"LoggingConfiguration":   map[string]any{"LogFilePrefix": "s3/"},
	})
	var actions []any
	for _, statement := range dig(only(t, tpl, "AWS::IAM::Policy"), "PolicyDocument", "Statement").([]any) {
		switch allowed := dig(statement, "Action").(type) {
		case []any:
			actions = append(actions, allowed...)
		default:
			actions = append(actions, allowed)
		}
	}
	require.ElementsMatch(t, []any{"s3:ListBucket", "s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt"}, actions)
}

// Where CloudFront delivers no access logs the distribution asks for none, and the log
// bucket has no need of ACLs. The firewall's logs remain.
func TestNoAccessLogsInAnOptInRegion(t *testing.T) {
	p := reference(t, "demo")
	require.True(t, p.Edge.AccessLogs)
	p.Edge.AccessLogs = false
	e := build(t, p)
	for id, distribution := range e.templates["app"].ofType("AWS::CloudFront::Distribution") {
		require.NotContains(t, distribution.Properties["DistributionConfig"], "Logging", id)
	}
	require.NotContains(t, text(t, e.templates["data"].ofType("AWS::S3::Bucket")), "BucketOwnerPreferred")
	e.templates["edge"].one(t, "AWS::WAFv2::LoggingConfiguration")
}
