package database

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"

	"github.com/lectern/lectern/constructs/internal/retention"
	"github.com/lectern/lectern/constructs/internal/tokens"
)

// caCertificate signs the server's certificate; valid until 2061, and in the
// bundle that clients verify against.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
const caCertificate = "rds-ca-rsa2048-g1"

// insightsDays of Database Insights history that cost nothing.
const insightsDays = 7.0

// newInstance declares an RDS DB instance with a standby in another zone.
func (d *Database) newInstance(p Props) {
	d.must(p.Readers == 0, "%d readers; RDS makes no read replica of an instance whose password it manages: choose cluster or aurora", p.Readers)
	d.must(p.MaxStorageGiB == 0 || p.MaxStorageGiB*10 >= p.StorageGiB*11,
		"MaxStorageGiB is %d; it has to be at least a tenth above StorageGiB (%d)", p.MaxStorageGiB, p.StorageGiB)
	d.must(p.StorageType != "gp3" || p.IOPS == 0 || p.StorageGiB >= 400,
		"%d IOPS on %d GiB of gp3; below 400 GiB it has its 3,000 and takes no other", p.IOPS, p.StorageGiB)
	d.must(p.ThroughputMiBps == 0 || p.StorageType == "gp3" && p.IOPS > 0,
		"ThroughputMiBps is for gp3 together with IOPS")

	d.must(p.MinACU == 0 && p.MaxACU == 0, "MinACU and MaxACU belong to aurora-serverless")

	s := service(p.Engine)
	props := &awsrds.CfnDBInstanceProps{
		Engine:                          new(string(s)),
		EngineVersion:                   &p.EngineVersion,
		AutoMinorVersionUpgrade:         new(false),
		AllowMajorVersionUpgrade:        new(true), // by a changed EngineVersion; never by itself
		DbInstanceClass:                 &p.InstanceClass,
		DbName:                          &p.DatabaseName,
		Port:                            new(strconv.Itoa(p.Port)),
		MasterUsername:                  &p.MasterUsername,
		ManageMasterUserPassword:        new(true),
		MasterUserSecret:                &awsrds.CfnDBInstance_MasterUserSecretProperty{KmsKeyId: p.KeyArn},
		EnableIamDatabaseAuthentication: new(true), // short-lived tokens for people, so nobody needs the password

		MultiAz:            &p.MultiAZ,
		DbSubnetGroupName:  d.subnetGroup(p.SubnetIDs),
		VpcSecurityGroups:  tokens.List(p.SecurityGroupIDs...),
		PubliclyAccessible: new(false),

		StorageType:      &p.StorageType,
		AllocatedStorage: new(strconv.Itoa(p.StorageGiB)),
		StorageEncrypted: new(true),
		KmsKeyId:         p.KeyArn,

		DbParameterGroupName:        d.parameterGroup(s, p),
		CaCertificateIdentifier:     new(caCertificate),
		EnableCloudwatchLogsExports: jsii.Strings(s.traits().logs...),

		BackupRetentionPeriod:      new(float64(p.BackupRetentionDays)),
		PreferredBackupWindow:      &p.BackupWindow,
		PreferredMaintenanceWindow: &p.MaintenanceWindow,
		CopyTagsToSnapshot:         new(true),
		DeleteAutomatedBackups:     new(false), // even a deletion by hand leaves the point-in-time backups
		DeletionProtection:         &p.DeletionProtection,
	}
	if p.MaxStorageGiB > 0 {
		props.MaxAllocatedStorage = new(float64(p.MaxStorageGiB))
	}
	if p.IOPS > 0 {
		props.Iops = new(float64(p.IOPS))
	}
	if p.ThroughputMiBps > 0 {
		props.StorageThroughput = new(float64(p.ThroughputMiBps))
	}
	if s.insights(p.InstanceClass) {
		props.DatabaseInsightsMode = new("standard")
		props.EnablePerformanceInsights = new(true)
		// With RDS's own key: CloudFormation makes a new, empty database where a key that was set is taken out, which a
		// smaller class without Performance Insights would do.
		// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds (ImmutabilityHelper of the DB instance)
		props.PerformanceInsightsRetentionPeriod = new(insightsDays)
	}

	instance := awsrds.NewCfnDBInstance(d.Construct, new("Instance"), props)
	retention.Keep(instance)
	d.main = instance

	d.host = instance.AttrEndpointAddress()
	d.secret = instance.AttrMasterUserSecretSecretArn()
	d.arn = instance.AttrDbInstanceArn()
	d.instanceID = instance.Ref()
}
