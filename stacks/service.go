package stacks

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/lectern/lectern/config/plan"
	"github.com/lectern/lectern/constructs/cache"
	"github.com/lectern/lectern/constructs/database"
	"github.com/lectern/lectern/constructs/grant"
	"github.com/lectern/lectern/constructs/network"
)

// service is what instances use that holds nothing of its own: who may talk to whom, the pooler, caches and locks. It is
// declared with the instances, because CloudFormation deletes what a change makes needless only at the end of the update
// of a stack: an old cache, pooler or rule goes after the instances that use it. A field is nil where the client has no
// such piece.
type service struct {
	groups    *network.SecurityGroups
	proxy     *database.Proxy
	valkey    *cache.ReplicationGroup
	memcached *cache.Memcached
	locks     *cache.ReplicationGroup
}

func newService(stack cdk.Stack, p plan.Plan, n networkStack, d dataStack) service {
	s := service{groups: newSecurityGroups(stack, p, n)}
	if p.Database.Proxy {
		s.proxy = newDatabaseProxy(stack, p, n, d, s.groups.DatabaseProxy)
	}
	switch {
	case !p.Cache.Enabled:
	case p.Cache.Engine == "memcached":
		s.memcached = newMemcached(stack, p, n, s.groups.Cache)
	default:
		s.valkey = newValkey(stack, "Valkey", p.Cache, p, n, d, s.groups.Cache)
	}
	if p.Locks.Enabled {
		s.locks = newValkey(stack, "Locks", p.Locks, p, n, d, s.groups.Locks)
	}
	return s
}

func newSecurityGroups(stack cdk.Stack, p plan.Plan, n networkStack) *network.SecurityGroups {
	props := network.SecurityGroupsProps{
		VpcID:         n.VpcID(),
		ListenerPorts: p.LoadBalancer.Ports,
		WebPort:       p.Needs.Port,
		Database:      n.groups.Database,
		DatabasePort:  p.Database.Port,
		DatabaseProxy: p.Database.Proxy,
		Files:         n.groups.Files,
		Workers:       p.Workers.Enabled,
		OutboundPorts: p.Web.OutboundPorts,
	}
	if p.Edge.CDN {
		props.OriginPrefixList = p.Edge.OriginPrefixList
	}
	if p.Cache.Enabled {
		props.CachePort = p.Cache.Port
	}
	if p.Locks.Enabled {
		props.LocksPort = p.Locks.Port
	}
	if len(p.Network.InterfaceEndpoints) > 0 {
		props.Endpoints = n.EndpointGroupID()
	}
	return network.NewSecurityGroups(stack, "SecurityGroups", props)
}

// newDatabaseProxy has the letters of its zones in its id, and so in its name: RDS changes the subnets of a proxy only by
// a new proxy, which cannot have the name of the old one.
func newDatabaseProxy(stack cdk.Stack, p plan.Plan, n networkStack, d dataStack, group *string) *database.Proxy {
	id := "DatabaseProxy-"
	for _, z := range p.Network.Zones {
		id += z.Letter
	}
	return database.NewProxy(stack, id, database.ProxyProps{
		Database:              d.database,
		IdleClientSeconds:     1800,
		MaxConnectionsPercent: 90,
		SubnetIDs:             n.IsolatedSubnetIDs(),
		SecurityGroupIDs:      []*string{group},
	})
}

func newMemcached(stack cdk.Stack, p plan.Plan, n networkStack, group *string) *cache.Memcached {
	var clusters []cache.MemcachedCluster
	for _, name := range p.Cache.Clusters {
		clusters = append(clusters, cache.MemcachedCluster{Name: name, NodeType: p.Cache.NodeType, Nodes: len(p.Network.Zones)})
	}
	return cache.NewMemcached(stack, "Memcached", cache.MemcachedProps{
		Clusters:          clusters,
		EngineVersion:     p.Cache.Version,
		Port:              p.Cache.Port,
		MaintenanceWindow: p.Windows.Maintenance,
		SubnetIDs:         n.IsolatedSubnetIDs(),
		SecurityGroupIDs:  []*string{group},
	})
}

// newValkey is the cache, or the locks beside another.
func newValkey(stack cdk.Stack, id string, c plan.Cache, p plan.Plan, n networkStack, d dataStack, group *string) *cache.ReplicationGroup {
	return cache.NewReplicationGroup(stack, id, cache.ReplicationGroupProps{
		EngineVersion:     c.Version,
		NodeType:          c.NodeType,
		Replicas:          c.Replicas,
		Port:              c.Port,
		MaintenanceWindow: p.Windows.Maintenance,
		SubnetIDs:         n.IsolatedSubnetIDs(),
		SecurityGroupIDs:  []*string{group},
		KeyArn:            d.key.Arn(),
	})
}

// grants are what instances may do with the pieces there are.
func (s service) grants() []grant.Statement {
	var all []grant.Statement
	if s.valkey != nil {
		all = append(all, s.valkey.Grants()...)
	}
	if s.locks != nil {
		all = append(all, s.locks.Grants()...)
	}
	return all
}
