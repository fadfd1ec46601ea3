package synth_test

import (
	"strings"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/queue"
	"github.com/lectern/lectern/constructs/secrets"
)

func dataKey(stack cdk.Stack) *string {
	return secrets.NewKey(stack, "Key", secrets.KeyProps{Description: "data of demo"}).Arn()
}

func dataRole(stack cdk.Stack) awsiam.Role {
	return awsiam.NewRole(stack, new("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("ec2.amazonaws.com"), nil),
	})
}

func queueProps(stack cdk.Stack) queue.Props {
	return queue.Props{VisibilityTimeoutSeconds: 900, MaxReceiveCount: 5, RetentionDays: 7, KeyArn: dataKey(stack)}
}

func TestQueue(t *testing.T) {
	_, stack := newStack(t)
	queue.New(stack, "Jobs", queueProps(stack))
	tpl := template(stack)

	requireRetained(t, tpl, "AWS::SQS::Queue")
	tpl.ResourceCountIs(new("AWS::SQS::Queue"), new(2.0))
	tpl.AllResourcesProperties(new("AWS::SQS::Queue"), map[string]any{
		"KmsMasterKeyId": assertions.Match_AnyValue(),
		"QueueName":      assertions.Match_Absent(),
	})
	tpl.HasResourceProperties(new("AWS::SQS::Queue"), map[string]any{
		"VisibilityTimeout":      900,
		"MessageRetentionPeriod": 7 * 86400,
		"RedrivePolicy":          map[string]any{"maxReceiveCount": 5, "deadLetterTargetArn": assertions.Match_AnyValue()},
	})
	tpl.HasResourceProperties(new("AWS::SQS::Queue"), map[string]any{
		"MessageRetentionPeriod": 14 * 86400,
		"RedrivePolicy":          assertions.Match_Absent(),
	})
	tpl.ResourceCountIs(new("AWS::SQS::QueuePolicy"), new(2.0))
	tpl.AllResourcesProperties(new("AWS::SQS::QueuePolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{map[string]any{
			"Effect":    "Deny",
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
		}}},
	})
}

func TestQueueGrantsAreAttachedToTheRole(t *testing.T) {
	_, stack := newStack(t)
	jobs := queue.New(stack, "Jobs", queueProps(stack))
	grant.Attach(dataRole(stack), jobs.ReceiveGrants()...)
	tpl := template(stack)

	tpl.HasResourceProperties(new("AWS::IAM::Policy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{
				"Action":   assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}),
				"Resource": map[string]any{"Fn::GetAtt": assertions.Match_AnyValue()},
			},
			map[string]any{
				"Action": "kms:Decrypt",
				"Condition": map[string]any{
					"StringEquals": map[string]any{"kms:ViaService": "sqs.eu-west-1.amazonaws.com"},
				},
			},
		}},
	})
	require.False(t, strings.Contains(dataTemplateText(t, tpl), "sqs:SendMessage"), "sqs:SendMessage in the template")
}

func TestQueueRefusesWhatSQSHasNot(t *testing.T) {
	_, stack := newStack(t)
	p := queueProps(stack)
	p.RetentionDays = 15
	require.PanicsWithValue(t, "queue Jobs: RetentionDays is 15; SQS keeps messages for 1 to 14 days", func() { queue.New(stack, "Jobs", p) })
	p.RetentionDays, p.MaxReceiveCount = 7, 0
	require.Panics(t, func() { queue.New(stack, "Jobs", p) })
}
