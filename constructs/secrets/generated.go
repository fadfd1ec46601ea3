package secrets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/internal/retention"
)

// GeneratedProps configures a secret whose value nobody chooses.
type GeneratedProps struct {
	Description string
	// Length in characters, letters and digits only; 62^48 is far beyond guessing
	// and every consumer (URLs, shell files, AUTH tokens) takes these characters.
	Length int
	KeyArn *string
	// Replaceable deletes the secret with its stack: what uses it is in the same stack, and gets a new one next time.
	Replaceable bool
}

// Generated is a secret string that Secrets Manager makes up at creation. The
// template holds the recipe, never the value. It is rotated by adding a version; what else a
// rotation takes depends on who checks the value, so there is a procedure for each (docs/procedures).
//
// Later deployments leave a version alone: CloudFormation generates again only when the recipe
// changes, so the recipe must not.
type Generated struct {
	constructs.Construct
	secret awssecretsmanager.CfnSecret
	keyArn *string
}

// NewGenerated declares the secret.
func NewGenerated(scope constructs.Construct, id string, p GeneratedProps) *Generated {
	this := constructs.NewConstruct(scope, &id)
	secret := awssecretsmanager.NewCfnSecret(this, new("Secret"), &awssecretsmanager.CfnSecretProps{
		Description: &p.Description,
		KmsKeyId:    p.KeyArn,
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			PasswordLength:     new(float64(p.Length)),
			ExcludePunctuation: new(true),
		},
	})
	if !p.Replaceable {
		retention.Keep(secret)
	}
	return &Generated{Construct: this, secret: secret, keyArn: p.KeyArn}
}

// Arn of the secret, with the random suffix.
func (g *Generated) Arn() *string { return g.secret.AttrId() }

// Reference resolves to the value while CloudFormation deploys, in the service
// and not in the template. Its text does not change with the value, so a new value
// reaches the resource that holds it only if that changes for another reason.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func (g *Generated) Reference() *string {
	return new("{{resolve:secretsmanager:" + *g.Arn() + "}}")
}

// Grants lets a role read the value.
func (g *Generated) Grants() []grant.Statement {
	return grant.ReadSecret(g.Construct, g.Arn(), g.keyArn)
}
