package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"github.com/lectern/lectern/constructs/internal/tokens"
)

// endpoints lets S3 be reached without NAT (free, and content is the bulk of the
// traffic), and further services on request.
func (n *Network) endpoints(p Props) {
	tables := append(append([]*string{}, n.privateTables...), n.isolatedTables...)
	awsec2.NewCfnVPCEndpoint(n.Construct, new("S3Endpoint"), &awsec2.CfnVPCEndpointProps{
		VpcId:           n.vpcID,
		VpcEndpointType: new("Gateway"),
		ServiceName:     new("com.amazonaws." + p.Region + ".s3"),
		RouteTableIds:   tokens.List(tables...),
	})
	// The group is there without any endpoint too. It could not be deleted with the last one: rules of the instances'
	// stack, which is deployed later, still name it.
	n.endpointGroup = newSecurityGroup(n.Construct, "EndpointSecurityGroup", n.vpcID, "Interface endpoints of AWS services", nil)
	for _, service := range p.InterfaceEndpoints {
		awsec2.NewCfnVPCEndpoint(n.Construct, new("InterfaceEndpoint-"+service), &awsec2.CfnVPCEndpointProps{
			VpcId:             n.vpcID,
			VpcEndpointType:   new("Interface"),
			ServiceName:       new("com.amazonaws." + p.Region + "." + service),
			SubnetIds:         tokens.List(n.private...),
			SecurityGroupIds:  tokens.List(n.endpointGroup.AttrGroupId()),
			PrivateDnsEnabled: new(true),
		})
	}
}

// flowLog records every accepted and refused connection.
func (n *Network) flowLog(retentionDays int) {
	group := awslogs.NewCfnLogGroup(n.Construct, new("FlowLogGroup"), &awslogs.CfnLogGroupProps{
		RetentionInDays: new(float64(retentionDays)),
	})
	role := awsiam.NewRole(n.Construct, new("FlowLogRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("vpc-flow-logs.amazonaws.com"), nil),
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   &[]*string{new("logs:CreateLogStream"), new("logs:DescribeLogStreams"), new("logs:PutLogEvents")},
		Resources: &[]*string{group.AttrArn()},
	}))
	awsec2.NewCfnFlowLog(n.Construct, new("FlowLog"), &awsec2.CfnFlowLogProps{
		ResourceId:               n.vpcID,
		ResourceType:             new("VPC"),
		TrafficType:              new("ALL"),
		LogDestinationType:       new("cloud-watch-logs"),
		LogGroupName:             group.Ref(),
		DeliverLogsPermissionArn: role.RoleArn(),
		MaxAggregationInterval:   new(600.0),
	})
}
