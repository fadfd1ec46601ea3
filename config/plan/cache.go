package plan

import "cmp"

// Versions of the caches. Valkey needs no licence and is the cheaper of the two
// that speak Redis; 1.6.22 is the newest Memcached of ElastiCache.
// https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
const (
	valkeyVersion    = "8.2"
	memcachedVersion = "1.6.22"
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
		cache.Version, cache.Port = valkeyVersion, 6379
		cache.Replicas = r.c.Cache.Replicas
	case "memcached":
		cache.Version, cache.Port = memcachedVersion, 11211
		cache.Clusters = list(r.needs.MemcachedClusters)
	default:
		return none
	}
	return cache
}
