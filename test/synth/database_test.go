package synth_test

import (
	"strings"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/constructs/database"
	"github.com/lectern/lectern/constructs/grant"
)

// databaseCase is one deployment × engine that a client file can ask for.
type databaseCase struct {
	deployment database.Deployment
	engine     database.Engine
	version    string

	service string // as CloudFormation has to spell the engine
	family  string // of the parameter group
	tls     [2]string
}

var databaseCases = map[string]databaseCase{
	"instance-postgres":          {database.Instance, database.Postgres, "17.6", "postgres", "postgres17", [2]string{"rds.force_ssl", "1"}},
	"instance-mysql":             {database.Instance, database.MySQL, "8.4.7", "mysql", "mysql8.4", [2]string{"require_secure_transport", "1"}},
	"instance-mariadb":           {database.Instance, database.MariaDB, "11.8.5", "mariadb", "mariadb11.8", [2]string{"require_secure_transport", "ON"}},
	"cluster-postgres":           {database.Cluster, database.Postgres, "17.6", "postgres", "postgres17", [2]string{"rds.force_ssl", "1"}},
	"cluster-mysql":              {database.Cluster, database.MySQL, "8.4.7", "mysql", "mysql8.4", [2]string{"require_secure_transport", "1"}},
	"aurora-postgres":            {database.Aurora, database.Postgres, "17.5", "aurora-postgresql", "aurora-postgresql17", [2]string{"rds.force_ssl", "1"}},
	"aurora-mysql":               {database.Aurora, database.MySQL, "8.0.mysql_aurora.3.10.2", "aurora-mysql", "aurora-mysql8.0", [2]string{"require_secure_transport", "ON"}},
	"aurora-serverless-postgres": {database.AuroraServerless, database.Postgres, "17.5", "aurora-postgresql", "aurora-postgresql17", [2]string{"rds.force_ssl", "1"}},
	"aurora-serverless-mysql":    {database.AuroraServerless, database.MySQL, "8.0.mysql_aurora.3.10.2", "aurora-mysql", "aurora-mysql8.0", [2]string{"require_secure_transport", "ON"}},
}

// databaseProps are valid for the case; tests change what they are about.
func databaseProps(stack cdk.Stack, c databaseCase) database.Props {
	p := database.Props{
		Deployment:          c.deployment,
		Engine:              c.engine,
		EngineVersion:       c.version,
		DatabaseName:        "lectern",
		MasterUsername:      "lectern_owner",
		Port:                3306,
		Zones:               []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"},
		BackupRetentionDays: 14,
		BackupWindow:        "01:00-02:00",
		MaintenanceWindow:   "sun:03:00-sun:04:00",
		DeletionProtection:  true,
		SubnetIDs:           dataSubnets(),
		SecurityGroupIDs:    []*string{new("sg-0000000000000000d")},
		KeyArn:              dataKey(stack),
	}
	if c.engine == database.Postgres {
		p.Port = 5432
	}
	switch c.deployment {
	case database.Instance:
		p.InstanceClass, p.MultiAZ = "db.m7g.large", true
		p.StorageType, p.StorageGiB, p.MaxStorageGiB = "gp3", 100, 500
	case database.Cluster:
		p.InstanceClass = "db.m6gd.large"
		p.StorageType, p.StorageGiB, p.IOPS = "io2", 100, 1000
	case database.Aurora:
		p.InstanceClass, p.Readers = "db.r7g.large", 2
	case database.AuroraServerless:
		p.MinACU, p.MaxACU, p.Readers = 0.5, 16, 1
	}
	return p
}

// databaseType is the resource that holds the data.
func databaseType(d database.Deployment) *string {
	if d == database.Instance {
		return new("AWS::RDS::DBInstance")
	}
	return new("AWS::RDS::DBCluster")
}

func TestDatabaseEveryDeployment(t *testing.T) {
	for name, c := range databaseCases {
		t.Run(name, func(t *testing.T) {
			_, stack := newStack(t)
			db := database.New(stack, "Database", databaseProps(stack, c))
			grant.Attach(dataRole(stack), db.Grants()...)
			tpl := template(stack)

			// Kept, protected, backed up, encrypted with the client's key, in a private place.
			for _, kind := range []string{*databaseType(c.deployment), "AWS::RDS::DBSubnetGroup"} {
				requireRetained(t, tpl, kind)
			}
			tpl.HasResourceProperties(databaseType(c.deployment), map[string]any{
				"Engine":                   c.service,
				"EngineVersion":            c.version,
				"AutoMinorVersionUpgrade":  false,
				"DeletionProtection":       true,
				"DeleteAutomatedBackups":   false,
				"BackupRetentionPeriod":    14,
				"CopyTagsToSnapshot":       true,
				"StorageEncrypted":         true,
				"KmsKeyId":                 assertions.Match_AnyValue(),
				"ManageMasterUserPassword": true,
				"MasterUsername":           "lectern_owner",
				"MasterUserSecret":         map[string]any{"KmsKeyId": assertions.Match_AnyValue()},
				"DatabaseInsightsMode":     "standard",
				"DBSubnetGroupName":        map[string]any{"Ref": assertions.Match_AnyValue()},
				"DBInstanceIdentifier":     assertions.Match_Absent(), // no physical names
				"DBClusterIdentifier":      assertions.Match_Absent(),
			})
			text := dataTemplateText(t, tpl)
			require.False(t, strings.Contains(text, `"MasterUserPassword":`), "a password in the template")
			require.False(t, strings.Contains(text, `"PubliclyAccessible": true`), "a public database")

			// TLS is the server's demand, not the client's choice.
			group := "AWS::RDS::DBClusterParameterGroup"
			if c.deployment == database.Instance {
				group = "AWS::RDS::DBParameterGroup"
			}
			tpl.AllResources(&group, map[string]any{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Delete"})
			tpl.HasResourceProperties(&group, map[string]any{
				"Family":     c.family,
				"Parameters": map[string]any{c.tls[0]: c.tls[1]},
			})

			// Accessors and grants.
			require.NotEmpty(t, *db.Host())
			require.NotEmpty(t, *db.Arn())
			require.Equal(t, c.deployment == database.Instance, db.ReadHost() == nil)
			require.NotEqual(t, db.InstanceIdentifier() == nil, db.ClusterIdentifier() == nil)
			tpl.HasResourceProperties(new("AWS::IAM::Policy"), map[string]any{
				"PolicyDocument": map[string]any{"Statement": []any{
					map[string]any{"Action": "secretsmanager:GetSecretValue"},
					map[string]any{"Action": "kms:Decrypt", "Condition": map[string]any{
						"StringEquals": map[string]any{"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"},
					}},
				}},
			})
		})
	}
}

func TestDatabaseInstanceIsMultiAZ(t *testing.T) {
	_, stack := newStack(t)
	database.New(stack, "Database", databaseProps(stack, databaseCases["instance-postgres"]))
	template(stack).HasResourceProperties(new("AWS::RDS::DBInstance"), map[string]any{
		"MultiAZ":                 true,
		"StorageType":             "gp3",
		"AllocatedStorage":        "100",
		"MaxAllocatedStorage":     500,
		"Iops":                    assertions.Match_Absent(),
		"CACertificateIdentifier": "rds-ca-rsa2048-g1",
		"PubliclyAccessible":      false,
		"AvailabilityZone":        assertions.Match_Absent(),
	})
}

func TestDatabaseClusterHasTwoReadableStandbys(t *testing.T) {
	_, stack := newStack(t)
	database.New(stack, "Database", databaseProps(stack, databaseCases["cluster-postgres"]))
	tpl := template(stack)
	tpl.HasResourceProperties(new("AWS::RDS::DBCluster"), map[string]any{
		"DBClusterInstanceClass": "db.m6gd.large",
		"AllocatedStorage":       100,
		"Iops":                   1000,
		"PubliclyAccessible":     false,
		// RDS refuses it for this deployment.
		"EnableIAMDatabaseAuthentication": assertions.Match_Absent(),
	})
	tpl.ResourceCountIs(new("AWS::RDS::DBInstance"), new(0.0)) // RDS makes them itself
}

func TestDatabaseAuroraSpreadsInstancesOverZones(t *testing.T) {
	_, stack := newStack(t)
	database.New(stack, "Database", databaseProps(stack, databaseCases["aurora-postgres"]))
	tpl := template(stack)
	tpl.ResourceCountIs(new("AWS::RDS::DBInstance"), new(3.0))
	kept := tpl.FindResources(new("AWS::RDS::DBInstance"), map[string]any{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Delete"})
	require.Len(t, *kept, 1, "the writer stays with the cluster; readers hold nothing")
	for tier, zone := range []string{"eu-west-1a", "eu-west-1b", "eu-west-1c"} {
		tpl.HasResourceProperties(new("AWS::RDS::DBInstance"), map[string]any{
			"AvailabilityZone":    zone,
			"PromotionTier":       tier,
			"DBInstanceClass":     "db.r7g.large",
			"PubliclyAccessible":  false,
			"DBClusterIdentifier": map[string]any{"Ref": assertions.Match_AnyValue()},
		})
	}
	tpl.HasResource(new("AWS::RDS::DBInstance"), map[string]any{
		"DependsOn":  assertions.Match_ArrayWith(&[]any{assertions.Match_StringLikeRegexp(new("Writer"))}),
		"Properties": map[string]any{"PromotionTier": 2},
	})
	tpl.HasResourceProperties(new("AWS::RDS::DBCluster"), map[string]any{"EnableIAMDatabaseAuthentication": true})
}

func TestDatabaseAuroraServerlessScales(t *testing.T) {
	_, stack := newStack(t)
	database.New(stack, "Database", databaseProps(stack, databaseCases["aurora-serverless-postgres"]))
	tpl := template(stack)
	tpl.HasResourceProperties(new("AWS::RDS::DBCluster"), map[string]any{
		"ServerlessV2ScalingConfiguration": map[string]any{"MinCapacity": 0.5, "MaxCapacity": 16},
	})
	tpl.AllResourcesProperties(new("AWS::RDS::DBInstance"), map[string]any{"DBInstanceClass": "db.serverless"})
}

func TestDatabaseAuroraWithoutReadersHasNoReadHost(t *testing.T) {
	_, stack := newStack(t)
	p := databaseProps(stack, databaseCases["aurora-postgres"])
	p.Readers = 0
	require.Nil(t, database.New(stack, "Database", p).ReadHost())
}

func TestDatabaseInsightsOnlyWhereTheClassHasThem(t *testing.T) {
	_, stack := newStack(t)
	p := databaseProps(stack, databaseCases["instance-mysql"])
	p.InstanceClass = "db.t4g.small"
	database.New(stack, "Database", p)
	template(stack).HasResourceProperties(new("AWS::RDS::DBInstance"), map[string]any{
		"EnablePerformanceInsights": assertions.Match_Absent(),
		"DatabaseInsightsMode":      assertions.Match_Absent(),
	})
}

func TestDatabaseParametersCannotSwitchTLSOff(t *testing.T) {
	_, stack := newStack(t)
	p := databaseProps(stack, databaseCases["instance-postgres"])
	p.Parameters = map[string]string{"rds.force_ssl": "0", "work_mem": "16384"}
	database.New(stack, "Database", p)
	template(stack).HasResourceProperties(new("AWS::RDS::DBParameterGroup"), map[string]any{
		"Parameters": map[string]any{"rds.force_ssl": "1", "work_mem": "16384"},
	})
}
