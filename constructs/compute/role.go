package compute

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/lectern/lectern/constructs/grant"
)

// newRole allows what every instance needs: to be reached by Session Manager, to
// fetch its binary and configuration, and to report how its boot went. The AWS
// managed policy AmazonSSMManagedInstanceCore is left aside because it also reads
// every parameter of the account.
func newRole(f *Fleet, p Props) awsiam.Role {
	role := awsiam.NewRole(f.Construct, new("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("ec2.amazonaws.com"), nil),
	})
	stack := cdk.Stack_Of(f.Construct)
	region, account, name := *stack.Region(), *stack.Account(), *stack.StackName()
	statements := []grant.Statement{
		{
			// The channels take no resource, and the id of an instance is known only when it runs.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsessionmanagermessagegatewayservice.html
			Actions: []string{
				"ssm:UpdateInstanceInformation",
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			Resources: []*string{new("*")},
		},
		{
			Actions:   []string{"s3:GetObject"},
			Resources: []*string{cdk.Fn_Join(new(""), &[]*string{new("arn:aws:s3:::"), p.Boot.Artifact.Bucket, new("/"), p.Boot.Artifact.Key})},
		},
		{
			Actions:   []string{"ssm:GetParameter"},
			Resources: []*string{new("arn:aws:ssm:" + region + ":" + account + ":parameter" + p.Boot.ConfigParameter)},
		},
		{
			Actions:   []string{"cloudformation:SignalResource"},
			Resources: []*string{new("arn:aws:cloudformation:" + region + ":" + account + ":stack/" + name + "/*")},
		},
		{
			// Takes no resource. Boot asks for the group of its own instance.
			Actions:   []string{"autoscaling:DescribeAutoScalingInstances"},
			Resources: []*string{new("*")},
		},
		{
			// The group's name is made by CloudFormation: STACK-LOGICALID-SUFFIX. The stack's name alone would let in the
			// groups of a client whose name begins with this one's.
			Actions: []string{"autoscaling:CompleteLifecycleAction"},
			Resources: []*string{new("arn:aws:autoscaling:" + region + ":" + account + ":autoScalingGroup:*:autoScalingGroupName/" +
				name + "-" + *stack.GetLogicalId(f.group) + "-*")},
		},
	}
	grant.Attach(role, append(statements, p.Grants...)...)
	return role
}
