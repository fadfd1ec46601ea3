package plan

import (
	"cmp"

	"github.com/lectern/lectern/config/workload"
)

// Versions of the caches. Valkey needs no licence and is the cheaper of the two
// that speak Redis; 1.6.22 is the newest Memcached of ElastiCache.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
const (
	valkeyVersion    = "8.2"
	memcachedVersion = "1.6.22"
	valkeyPort       = 6379
	memcachedPort    = 11211
)

// locksNodeType is the smallest, whatever the size: locks are a few short keys. It has a
// replica, so that a lost zone holds up no job for longer than the replica takes over.
const (
	locksNodeType = "cache.t4g.micro"
	locksReplicas = 1
)

func (r *resolver) cache() Cache {
	none := Cache{Clusters: []string{}}
	if len(r.needs.CacheEngines) == 0 {
		if r.f.Stated("cache") {
			r.problem("cache", "the workload "+r.c.Workload.Kind+" uses no cache", "remove the section")
		}
		return none
	}
	cache := Cache{
		Enabled:  true,
		Engine:   r.choice("cache.engine", r.c.Cache.Engine, r.needs.CacheEngines),
		NodeType: cmp.Or(r.c.Cache.NodeType, r.tier.CacheNodeType),
		Clusters: []string{},
	}
	switch cache.Engine {
	case "valkey":
		cache.Version, cache.Port = valkeyVersion, valkeyPort
		cache.Replicas = r.c.Cache.Replicas
	case "memcached":
		if r.f.Stated("cache.replicas") { // config has refused it where the engine is stated
			r.problem("cache.replicas", "the workload's cache, Memcached, has no replicas: each cluster has a node in each zone", "remove the key")
		}
		cache.Version, cache.Port = memcachedVersion, memcachedPort
		cache.Clusters = list(r.needs.MemcachedClusters)
	default:
		return none
	}
	return cache
}

// locks are in the cache where that is Valkey, else in a Valkey of their own.
func locks(n workload.Needs, cache Cache) Cache {
	if !n.Locks || cache.Engine == "valkey" {
		return Cache{Clusters: []string{}}
	}
	return Cache{
		Enabled: true, Engine: "valkey", Version: valkeyVersion, Port: valkeyPort,
		NodeType: locksNodeType, Replicas: locksReplicas, Clusters: []string{},
	}
}
