package cache

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/constructs-go/constructs/v10"
)

// MemcachedCluster is one of the clusters of a Memcached construct.
type MemcachedCluster struct {
	// Name says what it caches and begins its construct id: "session", "application".
	Name string
	// NodeType is for example "cache.t4g.medium".
	NodeType string
	// Nodes share the keys; two or more are spread over zones.
	Nodes int
}

// id is the construct id. AWS changes neither the type nor the number of the nodes of a Memcached cluster in place, and
// CloudFormation does not replace it by itself: another id makes a new cluster beside the old one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-cachecluster.html
func (c MemcachedCluster) id() string {
	return fmt.Sprintf("%s-%d-%s", c.Name, c.Nodes, c.NodeType)
}

// MemcachedProps configures one cluster or several that do not evict each
// other's keys: a burst of cached pages must not log learners out.
type MemcachedProps struct {
	Clusters []MemcachedCluster
	// EngineVersion is for example "1.6.22".
	EngineVersion string
	// Port of every node, 11211 by convention. Changing it replaces the clusters.
	Port int
	// TransitEncryption requires TLS of clients. Engine 1.6.12 and later, and fixed
	// at creation. Many Memcached clients cannot speak TLS: try yours first.
	// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
	TransitEncryption bool
	// Parameters that differ from the engine's defaults.
	Parameters map[string]string
	// MaintenanceWindow in UTC, "ddd:hh:mm-ddd:hh:mm".
	MaintenanceWindow string

	SubnetIDs        []*string
	SecurityGroupIDs []*string
}

// Memcached is a set of clusters. Memcached knows neither passwords nor data on
// disk: its protection is the security group, and there is nothing to retain.
type Memcached struct {
	constructs.Construct
	clusters map[string]awselasticache.CfnCacheCluster
	port     int
}

// NewMemcached declares the clusters.
func NewMemcached(scope constructs.Construct, id string, p MemcachedProps) *Memcached {
	this := constructs.NewConstruct(scope, &id)
	subnets := subnetGroup(this, p.SubnetIDs)
	parameters := parameterGroup(this, memcachedFamily(p.EngineVersion), p.Parameters)

	clusters := make(map[string]awselasticache.CfnCacheCluster, len(p.Clusters))
	for _, c := range p.Clusters {
		if c.Nodes < 1 || c.Nodes > 60 {
			panic(fmt.Sprintf("cache %s: cluster %q has %d nodes; Memcached takes 1 to 60", id, c.Name, c.Nodes))
		}
		zones := "single-az"
		if c.Nodes > 1 {
			zones = "cross-az"
		}
		clusters[c.Name] = awselasticache.NewCfnCacheCluster(this, new(c.id()), &awselasticache.CfnCacheClusterProps{
			Engine:                     new("memcached"),
			EngineVersion:              &p.EngineVersion,
			CacheNodeType:              &c.NodeType,
			NumCacheNodes:              new(float64(c.Nodes)),
			AzMode:                     &zones,
			Port:                       new(float64(p.Port)),
			CacheSubnetGroupName:       subnets.Ref(),
			CacheParameterGroupName:    parameters.Ref(),
			VpcSecurityGroupIds:        &p.SecurityGroupIDs,
			TransitEncryptionEnabled:   &p.TransitEncryption,
			PreferredMaintenanceWindow: &p.MaintenanceWindow,
			AutoMinorVersionUpgrade:    new(false),
		})
	}
	return &Memcached{Construct: this, clusters: clusters, port: p.Port}
}

// memcachedFamily is "memcached" and major.minor.
func memcachedFamily(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		panic(fmt.Sprintf("cache: Memcached version %q; write it in full, for example 1.6.22", version))
	}
	return "memcached" + parts[0] + "." + parts[1]
}

// Host is the named cluster's configuration endpoint, through which clients with
// auto discovery learn of every node.
func (m *Memcached) Host(name string) *string {
	return m.cluster(name).AttrConfigurationEndpointAddress()
}

// Port of every node.
func (m *Memcached) Port() int { return m.port }

// Id of the named cluster, the metric dimension CacheClusterId.
func (m *Memcached) Id(name string) *string { return m.cluster(name).Ref() }

func (m *Memcached) cluster(name string) awselasticache.CfnCacheCluster {
	c, ok := m.clusters[name]
	if !ok {
		panic(fmt.Sprintf("cache: no Memcached cluster is named %q", name))
	}
	return c
}
