// Package grant describes what a client of a resource may do with it, in plain
// values, so that a construct can say which permissions its users need without
// knowing who they are. A stack collects the grants of the pieces it composes
// and attaches them to the role of its instances.
package grant

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// Statement allows Actions on Resources. It has no Sid on purpose: identifiers
// must be unique within a policy, and statements without one are merged by the
// CDK, which keeps an instance role under IAM's size limit.
type Statement struct {
	// Actions are IAM actions such as "s3:GetObject".
	Actions []string
	// Resources are ARNs; wildcards only where the ARN of a single thing cannot be known.
	Resources []*string
	// Conditions are IAM condition operators, for example
	// {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}. Nil for none.
	Conditions map[string]any
}

// Attach adds the statements to the role's default policy.
func Attach(role awsiam.Role, statements ...Statement) {
	for _, s := range statements {
		role.AddToPolicy(s.allow())
	}
}

// Document is a policy of its own, for a role that has it from the start:
// whatever assumes the role need not wait for a second resource.
func Document(statements ...Statement) awsiam.PolicyDocument {
	allow := make([]awsiam.PolicyStatement, len(statements))
	for i, s := range statements {
		allow[i] = s.allow()
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &allow})
}

func (s Statement) allow() awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{
		Effect:    awsiam.Effect_ALLOW,
		Actions:   jsii.Strings(s.Actions...),
		Resources: &s.Resources,
	}
	if s.Conditions != nil {
		props.Conditions = &s.Conditions
	}
	return awsiam.NewPolicyStatement(props)
}
