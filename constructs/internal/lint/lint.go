// Package lint marks the few findings of template checkers that are meant, at the
// resource they are about.
package lint

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
)

// Accept silences one rule for one resource, in cfn-lint (by the template's metadata,
// where the reason stands too) and in the validation of the CDK, which knows the
// same rules by the same numbers.
func Accept(resource cdk.CfnResource, rule, reason string) {
	resource.AddMetadata(new("cfn-lint"), map[string]any{
		"config": map[string]any{"ignore_checks": []string{rule}},
		"reason": reason,
	})
	cdk.Validations_Of(resource).Acknowledge(&cdk.Acknowledgment{
		Id: new("CloudFormation-Validate::" + rule), Reason: &reason,
	})
}
