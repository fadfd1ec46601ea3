package change

const (
	cacheCluster  = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-cachecluster.html"
	cacheVersions = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.HowTo.html"
	cacheScaling  = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.RedisReplGrps.ScaleUp.html"
	cacheReplicas = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/increase-decrease-replica-count.html"
	cacheAuth     = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html"
	cacheSubnets  = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheSubnetGroup.html"
)

// cacheFailoverSeconds is the "few seconds" that writes wait while a replica becomes the primary.
const cacheFailoverSeconds = 5

func cacheRules() []rule {
	const memcached, valkey, subnets = "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup"
	isMemcached := is("Engine", "memcached")
	const another = "make a new cluster beside the old one, by another logical id; the old one goes when the instances have rolled"
	return []rule{
		{on: memcached, property: "CacheNodeType", when: isMemcached, then: Refused, say: "the node type of Memcached cannot change in place", way: another, page: cacheCluster},
		{on: memcached, property: "NumCacheNodes", when: func(a asked) bool {
			return a.before("PreferredAvailabilityZone") == nil && a.before("PreferredAvailabilityZones") == nil
		}, then: Replacement, say: "the nodes are in no zones that the template names, so CloudFormation makes another cluster", page: Page(memcached, "NumCacheNodes")},
		{on: memcached, property: "NumCacheNodes", then: Interruption, say: "keys move to other nodes", page: Page(memcached, "NumCacheNodes")},
		{on: memcached, property: "EngineVersion", when: less, then: Refused, say: "ElastiCache never goes back to an older version", way: another, page: cacheVersions},
		{on: memcached, property: "EngineVersion", when: isMemcached, then: Downtime, say: "all nodes restart and lose what they hold", page: cacheVersions},

		{on: valkey, property: "Engine", when: func(a asked) bool { return a.old == "redis" && a.new == "valkey" }, then: Failover, seconds: cacheFailoverSeconds, say: "Redis OSS becomes Valkey in place", page: cacheVersions},
		{on: valkey, property: "EngineVersion", when: less, then: Refused, say: "ElastiCache never goes back to an older version", way: "make a new replication group from a snapshot, or without one", page: cacheVersions},
		{on: valkey, property: "EngineVersion", when: is("AutomaticFailoverEnabled", true), then: Failover, seconds: cacheFailoverSeconds, say: "the replicas are upgraded first, then one takes over", page: cacheVersions},
		{on: valkey, property: "EngineVersion", then: Downtime, say: "there is no replica to take over during the upgrade", page: cacheVersions},
		{on: valkey, property: "CacheNodeType", when: is("AutomaticFailoverEnabled", true), then: Failover, seconds: cacheFailoverSeconds, say: "nodes of the new type take over while it serves", page: cacheScaling},
		{on: valkey, property: "CacheNodeType", then: Downtime, say: "there is no replica to take over", page: cacheScaling},
		{on: valkey, property: "NumCacheClusters", when: less, then: None, say: "replicas leave, the primary stays", page: cacheReplicas},
		{on: valkey, property: "NumCacheClusters", then: None, say: "replicas come, the primary stays", page: cacheReplicas},
		{on: valkey, property: "AuthToken", when: func(a asked) bool { return a.old == nil || a.new == nil }, then: Replacement, say: "a token is added or taken away", page: Page(valkey, "AuthToken")},
		{on: valkey, property: "AuthToken", then: Interruption, say: "the old token stops to work: clients that hold it are cut off until they read the new one", way: "rotate by the API: ROTATE, then SET", page: cacheAuth},

		{on: subnets, property: "SubnetIds", when: all(movesVpc, used), then: Refused, say: "a cache does not go over to another VPC", way: "make a new cache in the new VPC", page: cacheSubnets},
		{on: subnets, property: "SubnetIds", when: all(loses, used), then: Refused, perhaps: true, say: "a subnet that nodes stand in cannot leave its group", way: "keep the zone; or make a new cache beside the old one", page: cacheSubnets},
	}
}
