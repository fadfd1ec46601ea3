package main

import "github.com/lectern/lectern/config/plan"

// decided are the values of keys that follow from others, by path, as the plan has
// them: what a new client file shows for keys without a fixed default.
func decided(p plan.Plan) map[string]any {
	values := map[string]any{}
	add := func(path string, value any, known bool) {
		if known {
			values[path] = value
		}
	}
	zones := []string{}
	for _, z := range p.Network.Zones {
		zones = append(zones, z.Name)
	}
	add("domain.players", p.Domain.Players, p.Domain.Players != "")
	add("network.zones", zones, len(zones) > 0)
	add("network.natGateways", len(zones), len(zones) > 0)
	add("edge.originPrefixList", p.Edge.OriginPrefixList, p.Edge.OriginPrefixList != "")
	add("loadBalancer.ports", []int{443}, true)
	add("capacity.min", p.Web.Min, p.Web.Min > 0)
	add("capacity.max", p.Web.Max, p.Web.Max > 0)
	add("capacity.requestsPerTargetPerMinute", p.Size.RequestsPerMinute, p.Size.RequestsPerMinute > 0)
	add("compute.instanceType", p.Web.InstanceType, p.Web.InstanceType != "")
	db := p.Database
	add("database.engine", db.Engine, db.Enabled)
	add("database.version", db.Version, db.Enabled)
	add("database.class", db.Class, db.Enabled)
	add("database.storageGiB", db.StorageGiB, db.StorageGiB > 0)
	add("database.maxStorageGiB", db.MaxStorageGiB, db.MaxStorageGiB > 0)
	add("database.minAcu", p.Size.MinACU, p.Size.MinACU > 0)
	add("database.maxAcu", p.Size.MaxACU, p.Size.MaxACU > 0)
	add("cache.engine", p.Cache.Engine, p.Cache.Enabled)
	add("cache.nodeType", p.Cache.NodeType, p.Cache.Enabled)
	return values
}
