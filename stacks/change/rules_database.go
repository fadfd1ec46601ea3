package change

import (
	"fmt"
	"strings"
)

const (
	rdsModifying   = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html"
	rdsStorage     = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html"
	rdsUpgrading   = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html"
	rdsFailover    = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html"
	rdsClusters    = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover.html"
	rdsSubnets     = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html"
	rdsHandler     = "https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds"
	rdsParameters  = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html"
	auroraFailover = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html"
	auroraUpgrade  = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_UpgradeDBInstance.PostgreSQL.html"
)

// How long a failover takes, in seconds, by what fails over: the upper end of what AWS
// says of an instance with a standby, of a Multi-AZ cluster and of Aurora.
const (
	instanceFailoverSeconds = 120
	clusterFailoverSeconds  = 35
	auroraFailoverSeconds   = 30
)

func databaseRules() []rule {
	const instance, cluster = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
	var list []rule
	for _, on := range []string{instance, cluster} {
		list = append(list, engineRules(on)...)
		list = append(list,
			rule{on: on, property: "AllocatedStorage", when: less, then: Refused, say: "RDS never makes storage smaller", way: "keep the size; a smaller database is a new one, filled from a dump", page: rdsStorage},
			rule{on: on, property: "AllocatedStorage", then: None, say: "storage grows while the database serves; for six hours afterwards, and as long as it says storage-optimization, RDS refuses another change of storage", page: rdsStorage},
			rule{on: on, property: "StorageType", then: None, say: "storage changes while the database serves; for six hours afterwards RDS refuses another change of storage", page: rdsStorage},
			rule{on: on, property: "BackupRetentionPeriod", when: toOrFromZero, then: Downtime, say: "switching backups on or off restarts the database", page: rdsModifying},
			rule{on: on, property: "BackupRetentionPeriod", then: None, say: "backups are kept for another time", page: rdsModifying},
			rule{on: on, property: "PreferredMaintenanceWindow", then: None, say: "maintenance happens at another time", page: rdsModifying},
			rule{on: on, property: "AutoMinorVersionUpgrade", then: None, say: "it changes in place", page: rdsModifying},
		)
	}
	inCluster := func(a asked) bool { return a.after("DBClusterIdentifier") != nil }
	standby := is("MultiAZ", true)
	return append(list,
		rule{on: instance, property: "DBInstanceClass", when: all(inCluster, aurora, not(alone)), then: Failover, seconds: auroraFailoverSeconds, say: "the instance restarts; where it is the writer, a reader takes over", page: auroraFailover},
		rule{on: instance, property: "DBInstanceClass", when: inCluster, then: Downtime, say: "the only instance of the cluster restarts", page: auroraFailover},
		rule{on: instance, property: "DBInstanceClass", when: standby, then: Failover, seconds: instanceFailoverSeconds, say: "the standby changes first and takes over in 60 to 120 seconds", page: rdsFailover},
		rule{on: instance, property: "DBInstanceClass", then: Downtime, say: "there is no standby: the database is away until the new class runs", page: rdsModifying},
		rule{on: instance, property: "PerformanceInsightsKMSKeyId", when: func(a asked) bool { return a.old == nil }, then: None, say: "Performance Insights is switched on with this key", page: rdsHandler},
		rule{on: instance, property: "PerformanceInsightsKMSKeyId", then: Replacement, say: "CloudFormation makes another instance when the key of Performance Insights changes or goes", way: "leave the key as it is, also where Performance Insights is off", page: rdsHandler},
		rule{on: instance, property: "AvailabilityZone", when: func(a asked) bool { return a.new == nil && standby(a) }, then: None, say: "RDS chooses the zones of an instance with a standby", page: rdsHandler},
		rule{on: instance, property: "AvailabilityZone", then: Replacement, say: "an instance does not go over to another zone", page: rdsHandler},
		rule{on: instance, property: "DBParameterGroupName", then: Restart, perhaps: true, say: "the instance restarts where the other group has static parameters", page: Page(instance, "DBParameterGroupName")},
		rule{on: instance, property: "MultiAZ", when: standby, then: None, say: "a standby is made from a snapshot while the database serves", page: rdsModifying},
		rule{on: instance, property: "MultiAZ", then: None, say: "the standby goes; from then on a lost zone is a lost database", page: rdsModifying},
		rule{on: cluster, property: "DBClusterInstanceClass", then: Failover, seconds: clusterFailoverSeconds, say: "the readers change first, then one of them takes over", page: rdsClusters},
		rule{on: "AWS::RDS::DBSubnetGroup", property: "SubnetIds", when: all(loses, used), then: Refused, perhaps: true, say: "a subnet that a database stands in cannot leave its group, and RDS chose in which zone a standby is", way: "keep the zone; or move the database out of it first, and take the zone away then", page: rdsSubnets},
		rule{on: "AWS::RDS::DBSubnetGroup", property: "SubnetIds", when: all(movesVpc, used), then: Refused, say: "a database does not go over to another VPC", way: "keep the range of the VPC; or make another environment and move the data", page: rdsSubnets},
		rule{on: "AWS::RDS::DBParameterGroup", property: "Parameters", then: Restart, perhaps: true, say: "a static parameter takes effect at the next restart, a dynamic one at once", page: rdsParameters},
		rule{on: "AWS::RDS::DBClusterParameterGroup", property: "Parameters", then: Restart, perhaps: true, say: "a static parameter takes effect at the next restart, a dynamic one at once", page: rdsParameters},
	)
}

// engineRules are about engine and version.
func engineRules(on string) []rule {
	// CloudFormation allows a major version of a cluster by itself.
	unallowed := all(major, not(is("AllowMajorVersionUpgrade", true)), func(asked) bool { return on == "AWS::RDS::DBInstance" })
	return []rule{
		{on: on, property: "Engine", then: Replacement, say: "another engine is another database", way: "dump the data and load it into the new one before anybody uses it", page: Page(on, "Engine")},
		{on: on, property: "EngineVersion", when: less, then: Refused, say: "RDS never goes back to an older version", way: "restore a snapshot from before the upgrade into a new database", page: rdsUpgrading},
		{on: on, property: "EngineVersion", when: unallowed, then: Refused, say: "this is a major version, which needs AllowMajorVersionUpgrade", way: "set AllowMajorVersionUpgrade, and a parameter group of the new family", page: rdsHandler},
		{on: on, property: "EngineVersion", when: all(major, staleFamily), then: Refused, say: "the parameter group is of the family of the old version", way: "give it a parameter group of the new family", page: rdsUpgrading},
		{on: on, property: "EngineVersion", when: major, then: Downtime, say: "a major upgrade: the database is away until it is done, and there is no way back but a snapshot", way: "take a snapshot before, and try the upgrade on a restored copy", page: rdsUpgrading},
		{on: on, property: "EngineVersion", when: all(aurora, more), then: Restart, say: "the instances restart with the new version", page: auroraUpgrade},
		{on: on, property: "EngineVersion", when: func(a asked) bool { return a.after("DBClusterInstanceClass") != nil }, then: Failover, seconds: clusterFailoverSeconds, say: "the readers are upgraded first, then one of them takes over", page: rdsClusters},
		{on: on, property: "EngineVersion", then: Downtime, say: "the database, its standby too, is away for the minutes of the upgrade", page: rdsUpgrading},
	}
}

// aurora says whether the engine is Aurora.
func aurora(a asked) bool { return strings.HasPrefix(fmt.Sprint(a.after("Engine")), "aurora") }

// major says whether the first part of a version differs, or one of the first two of
// MySQL and MariaDB, whose major versions have two.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
func major(a asked) bool { return majorOf(a, a.old) != majorOf(a, a.new) }

func majorOf(a asked, version any) string {
	steps := strings.Split(fmt.Sprint(version), ".")
	engine := fmt.Sprint(a.after("Engine"))
	length := pick(strings.Contains(engine, "mysql") || engine == "mariadb", 2, 1)
	return strings.Join(steps[:min(length, len(steps))], ".")
}

// staleFamily says whether the parameter group of the resource is not of the new
// version's family: postgres17, aurora-postgresql17, mysql8.4.
func staleFamily(a asked) bool {
	for _, property := range []string{"DBParameterGroupName", "DBClusterParameterGroupName"} {
		for _, r := range references(a.after(property)) {
			group := a.comparison.states[r.key]
			if group != nil && group.after != nil && !strings.HasSuffix(fmt.Sprint(group.after.Properties["Family"]), majorOf(a, a.new)) {
				return true
			}
		}
	}
	return false
}

// alone says whether an instance is the only one of its cluster before.
func alone(a asked) bool {
	for _, r := range references(a.before("DBClusterIdentifier")) {
		if len(a.comparison.referrers(r.key, "AWS::RDS::DBInstance")) > 1 {
			return false
		}
	}
	return true
}

// movesVpc says whether subnets are in another VPC than before.
func movesVpc(a asked) bool {
	for _, r := range references(a.new) {
		subnet := a.comparison.states[r.key]
		if subnet == nil || subnet.after == nil {
			continue
		}
		for _, vpc := range references(subnet.after.Properties["VpcId"]) {
			if s := a.comparison.states[vpc.key]; s != nil && s.replaced != no {
				return true
			}
		}
	}
	return false
}

// used says whether something refers to the resource before.
func used(a asked) bool { return len(a.comparison.referrers(a.state.key)) > 0 }
