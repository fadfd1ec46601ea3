package secrets

import (
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// Unset is the field of an Operated secret that exists until the operator has
// filled the secret in. Whoever reads the secret can tell by it that the values
// are still missing, and say so.
const Unset = "unset"

// OperatedProps configures a secret whose value comes from outside AWS.
type OperatedProps struct {
	Description string
	// Fields are the JSON fields the operator fills in, for example
	// "accessKeyId" and "secretAccessKey" of an S3-compatible store. The description
	// names them.
	Fields []string
	KeyArn *string
}

// Operated is a JSON secret that a person fills in once after the first
// deployment. It starts as {"unset":"<random>"}; to set it, put an object with all
// fields from a file that only the operator can read (an argument would land in the
// shell history and the process list):
//
//	aws secretsmanager put-secret-value --secret-id ARN --secret-string file://keys.json
//
// Later deployments leave the value alone, also when fields are added: CloudFormation
// generates a new value whenever GenerateSecretString changes, and would put it over
// what the operator filled in, so the fields are not in it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
//
// R2 and other S3-compatible stores keep their keys this way; their bucket is not
// ours to create.
type Operated struct {
	constructs.Construct
	secret awssecretsmanager.CfnSecret
	keyArn *string
}

// NewOperated declares the secret, not yet filled in.
func NewOperated(scope constructs.Construct, id string, p OperatedProps) *Operated {
	fields := slices.Sorted(slices.Values(p.Fields))
	if slices.Contains(fields, Unset) {
		panic(`secrets: a field of an Operated secret cannot be called "` + Unset + `"`)
	}

	this := constructs.NewConstruct(scope, &id)
	secret := awssecretsmanager.NewCfnSecret(this, new("Secret"), &awssecretsmanager.CfnSecretProps{
		Description: new(clip(p.Description + "; to fill in: " + strings.Join(fields, ", "))),
		KmsKeyId:    p.KeyArn,
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			SecretStringTemplate: new("{}"),
			GenerateStringKey:    new(Unset),
			ExcludePunctuation:   new(true),
		},
	})
	retention.Keep(secret)
	return &Operated{Construct: this, secret: secret, keyArn: p.KeyArn}
}

// clip keeps a description under the 2,048 characters that Secrets Manager takes.
func clip(text string) string {
	const limit = 2000
	if len(text) <= limit {
		return text
	}
	return text[:limit] + " …"
}

// Arn of the secret, with the random suffix.
func (o *Operated) Arn() *string { return o.secret.AttrId() }

// Grants lets a role read the value.
func (o *Operated) Grants() []grant.Statement {
	return grant.ReadSecret(o.Construct, o.Arn(), o.keyArn)
}
