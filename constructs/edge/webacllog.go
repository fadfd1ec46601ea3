package edge

import (
	"cmp"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// logGroupPrefix is demanded by AWS WAF, hence a physical name.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
const logGroupPrefix = "aws-waf-logs-"

// WebAclLog says where a web ACL logs the requests that a rule blocked or
// counted. Requests that passed are not logged: they are in CloudFront's or the
// load balancer's access logs already, and cost more here.
type WebAclLog struct {
	GroupName     string  // aws-waf-logs-…, unique in account and region
	RetentionDays int     // default 90; a value CloudWatch Logs knows
	KeyArn        *string // KMS key in the ACL's region; nil: CloudWatch's own encryption
}

func (l WebAclLog) declare(scope constructs.Construct, webAclArn *string) {
	check(strings.HasPrefix(l.GroupName, logGroupPrefix) && len(l.GroupName) > len(logGroupPrefix),
		"log group %q; AWS WAF writes only to groups named %s…", l.GroupName, logGroupPrefix)

	// 1. The group. It goes with the ACL: a name that stayed behind would fail
	// the next deployment.
	props := &awslogs.CfnLogGroupProps{
		LogGroupName:    new(l.GroupName),
		RetentionInDays: jsii.Number(cmp.Or(l.RetentionDays, 90)),
	}
	if l.KeyArn != nil {
		props.KmsKeyId = l.KeyArn
	}
	group := awslogs.NewCfnLogGroup(scope, new("LogGroup"), props)
	group.ApplyRemovalPolicy(cdk.RemovalPolicy_DESTROY, nil)

	// 2. The configuration. The group's Arn attribute ends in :*, which WAF
	// refuses, so the ARN is put together here.
	arn := cdk.Stack_Of(scope).FormatArn(&cdk.ArnComponents{
		Service: new("logs"), Resource: new("log-group"), ResourceName: group.Ref(),
		ArnFormat: cdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	awswafv2.NewCfnLoggingConfiguration(scope, new("Logging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn:           webAclArn,
		LogDestinationConfigs: &[]any{arn},
		RedactedFields: &[]*awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{
			redactedHeader("authorization"), redactedHeader("cookie"),
		},
		// Plain maps with CloudFormation's own keys, here and below: where its
		// schema says untyped JSON the CDK passes keys through as they are.
		LoggingFilter: map[string]any{
			"DefaultBehavior": "DROP",
			"Filters": []any{map[string]any{
				"Behavior":    "KEEP",
				"Requirement": "MEETS_ANY",
				"Conditions":  []any{onAction("BLOCK"), onAction("COUNT")},
			}},
		},
	})
}

func redactedHeader(name string) *awswafv2.CfnLoggingConfiguration_FieldToMatchProperty {
	return &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": name}}
}

func onAction(action string) map[string]any {
	return map[string]any{"ActionCondition": map[string]any{"Action": action}}
}
