package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"

	"github.com/lectern/lectern/constructs/internal/retention"
	"github.com/lectern/lectern/constructs/internal/tokens"
)

// A retained database keeps using its subnet group and its parameter group, and
// RDS refuses to delete them while it does. A stack that tried would fail at
// the end of its deletion, so they are retained with it. A new major version needs
// a parameter group of its own family: the database then moves to the new group,
// and the old one is deleted.

func (d *Database) subnetGroup(subnetIDs []*string) *string {
	group := awsrds.NewCfnDBSubnetGroup(d.Construct, new("SubnetGroup"), &awsrds.CfnDBSubnetGroupProps{
		DbSubnetGroupDescription: new("Subnets of the database"),
		SubnetIds:                tokens.List(subnetIDs...),
	})
	retention.Keep(group)
	return group.Ref()
}

func (d *Database) parameterGroup(s service, p Props) *string {
	group := awsrds.NewCfnDBParameterGroup(d.Construct, new("ParameterGroup"), &awsrds.CfnDBParameterGroupProps{
		Description: new("Parameters of the database"), // a changed description replaces the group
		Family:      new(s.family(p.EngineVersion)),
		Parameters:  s.parameters(p.Parameters),
	})
	retention.KeepUntilReplaced(group)
	return group.Ref()
}

func (d *Database) clusterParameterGroup(s service, p Props) *string {
	group := awsrds.NewCfnDBClusterParameterGroup(d.Construct, new("ClusterParameterGroup"), &awsrds.CfnDBClusterParameterGroupProps{
		Description: new("Parameters of the database"),
		Family:      new(s.family(p.EngineVersion)),
		Parameters:  s.parameters(p.Parameters),
	})
	retention.KeepUntilReplaced(group)
	return group.Ref()
}
