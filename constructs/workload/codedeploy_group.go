package workload

import (
	"fmt"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/lectern/lectern/config/workload"
	"github.com/lectern/lectern/constructs/grant"
)

// Deploy declares the application and the deployment group that is tied to the Auto Scaling group and its target groups.
// CodeDeploy takes each instance out of the load balancer while it deploys, goes back to the last good revision when a
// deployment fails, and deploys it to instances that start later.
//
// https://docs.aws.amazon.com/codedeploy/latest/userguide/integrations-aws-auto-scaling.html
func (c codeDeploy) Deploy(scope constructs.Construct, f Fleet) {
	if c.Code != workload.CodeFromRevisions {
		return
	}
	application := awscodedeploy.NewCfnApplication(scope, new("Application"), &awscodedeploy.CfnApplicationProps{ComputePlatform: new("Server")})
	role := newCodeDeployRole(scope, f)
	group := awscodedeploy.NewCfnDeploymentGroup(scope, new("DeploymentGroup"), &awscodedeploy.CfnDeploymentGroupProps{
		ApplicationName:      application.Ref(),
		ServiceRoleArn:       role.RoleArn(),
		AutoScalingGroups:    &[]*string{f.GroupName},
		DeploymentConfigName: &c.DeploymentConfig,
		DeploymentStyle: &awscodedeploy.CfnDeploymentGroup_DeploymentStyleProperty{
			DeploymentType:   new("IN_PLACE"),
			DeploymentOption: new("WITH_TRAFFIC_CONTROL"),
		},
		LoadBalancerInfo: &awscodedeploy.CfnDeploymentGroup_LoadBalancerInfoProperty{TargetGroupInfoList: targetGroups(f)},
		AutoRollbackConfiguration: &awscodedeploy.CfnDeploymentGroup_AutoRollbackConfigurationProperty{
			Enabled: new(true), Events: &[]*string{new("DEPLOYMENT_FAILURE")},
		},
		// Instances that start while a deployment runs are given the same revision after it.
		OutdatedInstancesStrategy: new("UPDATE"),
	})
	releaseCommands(scope, f, application, group)
}

func targetGroups(f Fleet) *[]any {
	var list []any
	for _, name := range f.TargetGroupNames {
		list = append(list, &awscodedeploy.CfnDeploymentGroup_TargetGroupInfoProperty{Name: name})
	}
	return &list
}

// newCodeDeployRole lets CodeDeploy work with the group. A group with a launch template needs three permissions beside
// the managed policy; none of the first two takes a resource that is known before an instance is.
//
// https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
func newCodeDeployRole(scope constructs.Construct, f Fleet) awsiam.Role {
	stack := cdk.Stack_Of(scope)
	return awsiam.NewRole(scope, new("ServiceRole"), &awsiam.RoleProps{
		// Only for deployments of this account: the service works for all others too.
		AssumedBy: awsiam.NewServicePrincipal(new("codedeploy.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": *stack.Account()}},
		}),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(new("service-role/AWSCodeDeployRole"))},
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"LaunchTemplate": grant.Document(
				grant.Statement{Actions: []string{"ec2:CreateTags", "ec2:RunInstances"}, Resources: []*string{new("*")}},
				grant.Statement{
					Actions: []string{"iam:PassRole"}, Resources: []*string{f.InstanceRoleArn},
					Conditions: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ec2.amazonaws.com"}}, //nolint:gosec // the name of a condition, no password
				},
			),
		},
	})
}

// releaseCommands keeps the two commands that ship a revision, filled in. They are in a parameter, and the stack's output
// says how to read it: an output cannot name the bucket, which is in another stack.
func releaseCommands(scope constructs.Construct, f Fleet, application awscodedeploy.CfnApplication, group awscodedeploy.CfnDeploymentGroup) {
	region := *cdk.Stack_Of(scope).Region()
	text := fmt.Sprintf(`aws deploy push --region %[1]s --application-name %[2]s --s3-location s3://%[3]s/$RELEASE.zip --source .
aws deploy create-deployment --region %[1]s --application-name %[2]s --deployment-group-name %[4]s --s3-location bucket=%[3]s,key=$RELEASE.zip,bundleType=zip
`, region, *application.Ref(), *f.RevisionBucketName, *group.Ref())
	parameter := awsssm.NewCfnParameter(scope, new("ReleaseCommands"), &awsssm.CfnParameterProps{
		Type: new("String"), Value: &text,
		Description: new("How a revision of " + f.Client + " is shipped: set RELEASE to a name that was not used before"),
	})
	cdk.NewCfnOutput(scope, new("Release"), &cdk.CfnOutputProps{
		Description: new("Prints the two commands that ship a revision"),
		Value:       new("aws ssm get-parameter --region " + region + " --query Parameter.Value --output text --name " + *parameter.Ref()),
	})
}
