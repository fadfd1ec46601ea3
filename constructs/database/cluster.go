package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"

	"github.com/lectern/lectern/constructs/internal/retention"
	"github.com/lectern/lectern/constructs/internal/tokens"
)

// clusterProps is what a Multi-AZ DB cluster and an Aurora cluster share. They
// are the same CloudFormation resource.
func (d *Database) clusterProps(s service, p Props) *awsrds.CfnDBClusterProps {
	props := &awsrds.CfnDBClusterProps{
		Engine:                      new(string(s)),
		EngineVersion:               &p.EngineVersion,
		AutoMinorVersionUpgrade:     new(false),
		DatabaseName:                &p.DatabaseName,
		Port:                        new(float64(p.Port)),
		MasterUsername:              &p.MasterUsername,
		ManageMasterUserPassword:    new(true),
		MasterUserSecret:            &awsrds.CfnDBCluster_MasterUserSecretProperty{KmsKeyId: p.KeyArn},
		DbSubnetGroupName:           d.subnetGroup(p.SubnetIDs),
		VpcSecurityGroupIds:         tokens.List(p.SecurityGroupIDs...),
		StorageEncrypted:            new(true),
		KmsKeyId:                    p.KeyArn,
		DbClusterParameterGroupName: d.clusterParameterGroup(s, p),
		EnableCloudwatchLogsExports: jsii.Strings(s.traits().logs...),
		BackupRetentionPeriod:       new(float64(p.BackupRetentionDays)),
		PreferredBackupWindow:       &p.BackupWindow,
		PreferredMaintenanceWindow:  &p.MaintenanceWindow,
		CopyTagsToSnapshot:          new(true),
		DeleteAutomatedBackups:      new(false),
		DeletionProtection:          &p.DeletionProtection,
	}
	if p.StorageType != "" {
		props.StorageType = &p.StorageType
	}
	if s.insights(p.InstanceClass) {
		props.DatabaseInsightsMode = new("standard")
		props.PerformanceInsightsEnabled = new(true)
		props.PerformanceInsightsRetentionPeriod = new(insightsDays)
		props.PerformanceInsightsKmsKeyId = p.KeyArn
	}
	return props
}

// describe takes the accessors' values from a cluster.
func (d *Database) describe(cluster awsrds.CfnDBCluster, readers int) {
	d.main = cluster
	d.host = cluster.AttrEndpointAddress()
	if readers > 0 {
		d.readHost = cluster.AttrReadEndpointAddress()
	}
	d.readers = readers
	d.secret = cluster.AttrMasterUserSecretSecretArn()
	d.arn = cluster.AttrDbClusterArn()
	d.clusterID = cluster.Ref()
}

// newCluster declares an RDS Multi-AZ DB cluster: one writer and two readable
// standbys in three zones, acknowledged by at least one of them. RDS has no IAM
// authentication and no storage autoscaling for it.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
func (d *Database) newCluster(p Props) {
	d.must(p.Engine == Postgres || p.Engine == MySQL, "a Multi-AZ DB cluster runs postgres or mysql, not %s", p.Engine)
	d.must(len(p.SubnetIDs) >= 3, "%d subnets; a Multi-AZ DB cluster needs three zones", len(p.SubnetIDs))
	d.must(p.Readers == 0, "Readers is %d; a Multi-AZ DB cluster always has two, leave it 0", p.Readers)
	d.must(p.MaxStorageGiB == 0, "MaxStorageGiB is %d; a Multi-AZ DB cluster's storage does not grow by itself", p.MaxStorageGiB)
	d.must(p.ThroughputMiBps == 0, "ThroughputMiBps is %d; CloudFormation sets none for a Multi-AZ DB cluster", p.ThroughputMiBps)
	d.must(p.MinACU == 0 && p.MaxACU == 0, "MinACU and MaxACU belong to aurora-serverless")
	// CloudFormation wants IOPS stated for every storage type. gp3 accepts a
	// statement only from 400 GiB on, where 12,000 are included.
	switch p.StorageType {
	case "gp3":
		d.must(p.StorageGiB >= 400 && p.IOPS >= 12000, "%d GiB of gp3 with %d IOPS; a cluster takes gp3 from 400 GiB and 12,000 IOPS, below that io2", p.StorageGiB, p.IOPS)
	case "io1", "io2":
		d.must(p.StorageGiB >= 100 && p.IOPS >= 1000, "%d GiB of %s with %d IOPS; at least 100 GiB and 1,000 IOPS", p.StorageGiB, p.StorageType, p.IOPS)
		d.must(2*p.IOPS >= p.StorageGiB && p.IOPS <= 50*p.StorageGiB, "%d IOPS on %d GiB; the ratio is 0.5 to 50", p.IOPS, p.StorageGiB)
	default:
		d.must(false, "storage type %q; a Multi-AZ DB cluster takes gp3, io1 or io2", p.StorageType)
	}

	props := d.clusterProps(service(p.Engine), p)
	props.DbClusterInstanceClass = &p.InstanceClass
	props.AllocatedStorage = new(float64(p.StorageGiB))
	props.Iops = new(float64(p.IOPS))
	props.PubliclyAccessible = new(false)

	cluster := awsrds.NewCfnDBCluster(d.Construct, new("Cluster"), props)
	retention.Keep(cluster)
	d.describe(cluster, 2)
}
