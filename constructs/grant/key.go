package grant

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// KeyVia allows actions on a KMS key, but only for requests that an AWS service
// makes on the caller's behalf: a role that may read a bucket can decrypt its
// objects through S3 and nothing else that the key protects.
// The service is the first label of its endpoint ("s3", "secretsmanager", "sqs").
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func KeyVia(scope constructs.Construct, keyArn *string, service string, actions ...string) Statement {
	region := *cdk.Stack_Of(scope).Region()
	return Statement{
		Actions:   actions,
		Resources: []*string{keyArn},
		Conditions: map[string]any{
			"StringEquals": map[string]any{"kms:ViaService": service + "." + region + ".amazonaws.com"},
		},
	}
}

// ReadSecret allows reading one Secrets Manager secret that is encrypted with a
// customer-managed key.
func ReadSecret(scope constructs.Construct, secretArn, keyArn *string) []Statement {
	return []Statement{
		{
			Actions:   []string{"secretsmanager:GetSecretValue"},
			Resources: []*string{secretArn},
		},
		KeyVia(scope, keyArn, "secretsmanager", "kms:Decrypt"),
	}
}
