package change_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lectern/lectern/stacks/change"
)

// aliased and behaving are configurations of a distribution: its names, and the paths that it serves by a policy.
func aliased(names ...any) object { return object{"Enabled": true, "Aliases": names} }

func behaving(policy string, paths ...any) object {
	behaviours := []any{}
	for _, path := range paths {
		behaviours = append(behaviours, object{"PathPattern": path, "CachePolicyId": policy})
	}
	return object{"CacheBehaviors": behaviours}
}

// Each row changes one property of one resource in place.
func TestChangesInPlace(t *testing.T) {
	postgres := object{"Engine": "postgres", "EngineVersion": "17.5", "MultiAZ": true, "AllocatedStorage": "100", "BackupRetentionPeriod": 14}
	aurora := object{"Engine": "aurora-postgresql", "EngineVersion": "17.5"}
	valkey := object{"Engine": "valkey", "EngineVersion": "8.1", "AutomaticFailoverEnabled": true, "NumCacheClusters": 2}
	memcached := object{"Engine": "memcached", "EngineVersion": "1.6.12", "NumCacheNodes": 3}
	for _, c := range []struct {
		name, of   string
		properties object
		property   string
		from, to   any
		want       change.Effect
		perhaps    bool
		seconds    int
	}{
		{"version down", "AWS::RDS::DBInstance", postgres, "EngineVersion", "17.5", "17.4", change.Refused, false, 0},
		{"version up by more than one digit", "AWS::RDS::DBInstance", postgres, "EngineVersion", "17.9", "17.10", change.Downtime, false, 0},
		{"major version without leave", "AWS::RDS::DBInstance", postgres, "EngineVersion", "17.5", "18.1", change.Refused, false, 0},
		{"major version with leave", "AWS::RDS::DBInstance", with(postgres, "AllowMajorVersionUpgrade", true), "EngineVersion", "17.5", "18.1", change.Downtime, false, 0},
		{"major version of MySQL has two parts", "AWS::RDS::DBInstance", with(postgres, "Engine", "mysql"), "EngineVersion", "8.0.40", "8.4.9", change.Refused, false, 0},
		{"minor version of MariaDB", "AWS::RDS::DBInstance", with(postgres, "Engine", "mariadb"), "EngineVersion", "11.4.9", "11.4.10", change.Downtime, false, 0},
		{"storage down", "AWS::RDS::DBInstance", postgres, "AllocatedStorage", "100", "90", change.Refused, false, 0},
		{"storage up", "AWS::RDS::DBInstance", postgres, "AllocatedStorage", "90", "100", change.None, false, 0},
		{"class with a standby", "AWS::RDS::DBInstance", postgres, "DBInstanceClass", "db.m7g.large", "db.m7g.xlarge", change.Failover, false, 120},
		{"class without a standby", "AWS::RDS::DBInstance", with(postgres, "MultiAZ", false), "DBInstanceClass", "db.m7g.large", "db.m7g.xlarge", change.Downtime, false, 0},
		{"class of a Multi-AZ cluster", "AWS::RDS::DBCluster", postgres, "DBClusterInstanceClass", "db.m6gd.large", "db.m6gd.xlarge", change.Failover, false, 35},
		{"standby away", "AWS::RDS::DBInstance", postgres, "MultiAZ", true, false, change.None, false, 0},
		{"backups off", "AWS::RDS::DBInstance", postgres, "BackupRetentionPeriod", 7, 0, change.Downtime, false, 0},
		{"backups longer", "AWS::RDS::DBInstance", postgres, "BackupRetentionPeriod", 7, 14, change.None, false, 0},
		{"key of Performance Insights comes", "AWS::RDS::DBInstance", postgres, "PerformanceInsightsKMSKeyId", nil, "key", change.None, false, 0},
		{"Aurora, a minor version", "AWS::RDS::DBCluster", aurora, "EngineVersion", "17.5", "17.6", change.Restart, false, 0},
		{"Valkey, node type", "AWS::ElastiCache::ReplicationGroup", valkey, "CacheNodeType", "cache.t4g.micro", "cache.m7g.large", change.Failover, false, 5},
		{"Valkey, version down", "AWS::ElastiCache::ReplicationGroup", valkey, "EngineVersion", "8.2", "8.1", change.Refused, false, 0},
		{"Valkey, a replica more", "AWS::ElastiCache::ReplicationGroup", valkey, "NumCacheClusters", 2, 3, change.None, false, 0},
		{"Memcached, node type", "AWS::ElastiCache::CacheCluster", memcached, "CacheNodeType", "cache.t4g.micro", "cache.m7g.large", change.Refused, false, 0},
		{"secret generated otherwise", "AWS::SecretsManager::Secret", object{}, "GenerateSecretString", object{"PasswordLength": 32}, object{"PasswordLength": 40}, change.Overwritten, false, 0},
		{"key of another kind", "AWS::KMS::Key", object{}, "KeySpec", "SYMMETRIC_DEFAULT", "HMAC_256", change.Refused, false, 0},
		{"certificates of a listener", "AWS::ElasticLoadBalancingV2::Listener", object{}, "SslPolicy", "a", "b", change.Interruption, true, 0},
		{"a name comes", "AWS::CloudFront::Distribution", object{}, "DistributionConfig", aliased("a"), aliased("a", "*.p"), change.None, false, 0},
		{"a name goes", "AWS::CloudFront::Distribution", object{}, "DistributionConfig", aliased("a", "*.p"), aliased("a"), change.Interruption, false, 0},
		{"all names go", "AWS::CloudFront::Distribution", object{}, "DistributionConfig", aliased("a"), object{"Enabled": true}, change.Interruption, false, 0},
		{"a path is served otherwise", "AWS::CloudFront::Distribution", object{}, "DistributionConfig", behaving("1", "/content/*"), behaving("2", "/content/*", "/x/*"), change.None, false, 0},
		{"a path goes", "AWS::CloudFront::Distribution", object{}, "DistributionConfig", behaving("1", "/content/*"), behaving("1"), change.Interruption, false, 0},
		{"tags", "AWS::RDS::DBInstance", postgres, "Tags", []any{object{"Key": "a", "Value": "1"}}, []any{object{"Key": "a", "Value": "2"}}, change.None, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := c.properties, c.properties
			if c.from != nil {
				before = with(before, c.property, c.from)
			}
			after = with(after, c.property, c.to)
			got := find(t, compareOne(t, object{"Thing": is(c.of, "", before)}, object{"Thing": is(c.of, "", after)}), "Thing")
			require.Equal(t, "changed", got.Kind)
			require.Equal(t, c.want, got.Worst, got.Findings)
			require.Equal(t, c.perhaps, got.Perhaps)
			require.Equal(t, c.seconds, got.Findings[0].Seconds)
			require.Equal(t, c.want >= change.Overwritten, got.Grave())
			if c.want != change.None {
				require.Contains(t, got.Findings[0].Page, "https://")
			}
		})
	}
}

// A resource that is replaced anyway is not changed in place as well, so what could not
// change in place is no fault.
func TestAReplacedResourceIsNotChangedInPlace(t *testing.T) {
	before := object{"Cache": is("AWS::ElastiCache::CacheCluster", "", object{"Engine": "memcached", "Port": 11211, "CacheNodeType": "cache.t4g.micro"})}
	after := object{"Cache": is("AWS::ElastiCache::CacheCluster", "", object{"Engine": "memcached", "Port": 11212, "CacheNodeType": "cache.m7g.large"})}
	got := find(t, compareOne(t, before, after), "Cache")
	require.Equal(t, "replaced", got.Kind)
	require.Equal(t, change.Replacement, got.Worst)
	require.False(t, got.Grave(), "a cache without a policy that keeps it holds no data")
}

// A major version needs a parameter group of its family.
func TestAMajorVersionNeedsItsParameterGroup(t *testing.T) {
	template := func(version, family string) object {
		return object{
			"Database": is("AWS::RDS::DBInstance", "Retain", object{"Engine": "postgres", "EngineVersion": version, "AllowMajorVersionUpgrade": true, "DBParameterGroupName": ref("Group")}),
			"Group":    is("AWS::RDS::DBParameterGroup", "", object{"Family": family}),
		}
	}
	stale := find(t, compareOne(t, template("17.5", "postgres17"), template("18.1", "postgres17")), "Database")
	require.Equal(t, change.Refused, stale.Worst)
	both := find(t, compareOne(t, template("17.5", "postgres17"), template("18.1", "postgres18")), "Database")
	require.Equal(t, "changed", both.Kind)
	require.Equal(t, change.Downtime, both.Worst, both.Findings)
}

// Aurora fails over where there is a reader; the only instance of a cluster restarts.
func TestAuroraFailsOverToAReader(t *testing.T) {
	template := func(class string, readers ...string) object {
		all := object{"Cluster": is("AWS::RDS::DBCluster", "Retain", object{"Engine": "aurora-postgresql"})}
		for _, id := range append([]string{"Writer"}, readers...) {
			all[id] = is("AWS::RDS::DBInstance", "Retain", object{"Engine": "aurora-postgresql", "DBClusterIdentifier": ref("Cluster"), "DBInstanceClass": class})
		}
		return all
	}
	got := find(t, compareOne(t, template("db.r7g.large", "Reader"), template("db.r7g.xlarge", "Reader")), "Writer")
	require.Equal(t, change.Failover, got.Worst)
	require.Equal(t, 30, got.Findings[0].Seconds)
	require.False(t, got.HoldsData, "the cluster holds the data")

	got = find(t, compareOne(t, template("db.r7g.large"), template("db.r7g.xlarge")), "Writer")
	require.Equal(t, change.Downtime, got.Worst)

	got = find(t, compareOne(t, template("db.r7g.large", "Reader"), template("db.r7g.large")), "Reader")
	require.Equal(t, "removed", got.Kind)
	require.Equal(t, change.LeftBehind, got.Worst)
	require.Contains(t, got.Findings[0].Text, "bills")
	require.False(t, got.Grave())
}

// A group of subnets that something uses cannot lose one, if it stands in it.
func TestASubnetInUseCannotLeaveItsGroup(t *testing.T) {
	template := func(subnets ...any) object {
		return object{
			"Group":    is("AWS::RDS::DBSubnetGroup", "", object{"SubnetIds": subnets}),
			"Database": is("AWS::RDS::DBInstance", "Retain", object{"Engine": "postgres", "DBSubnetGroupName": ref("Group")}),
			"Idle":     is("AWS::ElastiCache::SubnetGroup", "", object{"SubnetIds": subnets}),
		}
	}
	less := compareOne(t, template("a", "b", "c"), template("a", "b"))
	require.Equal(t, change.Refused, find(t, less, "Group").Worst)
	require.True(t, find(t, less, "Group").Perhaps)
	require.Equal(t, change.None, find(t, less, "Idle").Worst, "nothing uses it")
	require.Equal(t, change.None, find(t, compareOne(t, template("a", "b"), template("a", "b", "c")), "Group").Worst)
}
