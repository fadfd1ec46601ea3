package secrets

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/internal/retention"
)

// KeyProps configures the client's KMS key.
type KeyProps struct {
	// Description appears in the KMS console, where keys have no other name.
	Description string
	// ServesCloudFront lets CloudFront decrypt objects for distributions of this
	// account. Which distribution may read which bucket is the bucket policy's
	// decision: naming it here as well would make the key depend on the edge.
	ServesCloudFront bool
}

// Key is the one customer-managed key of a client: database, Valkey, content, released code, files, queue and secrets are
// encrypted with it. Log bucket, log groups and the disks of instances are encrypted with keys of AWS's, Memcached not at all.
// Without it none of the retained data can be read, so it is retained too.
type Key struct {
	constructs.Construct
	key awskms.CfnKey
}

// NewKey declares the key with yearly rotation and the longest waiting period
// before a deletion (30 days).
func NewKey(scope constructs.Construct, id string, p KeyProps) *Key {
	this := constructs.NewConstruct(scope, &id)
	stack := cdk.Stack_Of(this)
	partition, account := *stack.Partition(), *stack.Account()

	// 1. The account decides through IAM who may use and manage the key.
	statements := []any{map[string]any{
		"Sid":       "Account",
		"Effect":    "Allow",
		"Principal": map[string]any{"AWS": "arn:" + partition + ":iam::" + account + ":root"},
		"Action":    "kms:*",
		"Resource":  "*",
	}}
	// 2. Services that come with their own identity, not a role of the account.
	if p.ServesCloudFront {
		// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
		statements = append(statements, map[string]any{
			"Sid":       "CloudFront",
			"Effect":    "Allow",
			"Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
			"Action":    "kms:Decrypt",
			"Resource":  "*",
			"Condition": map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": "arn:" + partition + ":cloudfront::" + account + ":distribution/*",
			}},
		})
	}

	// 3. The key.
	key := awskms.NewCfnKey(this, new("Key"), &awskms.CfnKeyProps{
		Description:         &p.Description,
		EnableKeyRotation:   new(true),
		PendingWindowInDays: new(30.0),
		KeyPolicy:           map[string]any{"Version": "2012-10-17", "Statement": statements},
	})
	retention.Keep(key)

	return &Key{Construct: this, key: key}
}

// Arn is what other constructs take as KeyArn.
func (k *Key) Arn() *string { return k.key.AttrArn() }

// Id is the key id.
func (k *Key) Id() *string { return k.key.AttrKeyId() }
